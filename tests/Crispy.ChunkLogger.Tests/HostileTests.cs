using System.Text;
using System.Text.Json;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.ChunkLogger.Tests;

/// <summary>Events and metadata that somebody made up to do harm.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData("deep")]
    [InlineData("deep in the message")]
    [InlineData("cut off")]
    [InlineData("large")]
    public async Task An_event_that_is_deep_large_or_cut_off_is_refused_and_the_next_is_logged(string what)
    {
        await using var site = await Site.StartAsync();
        var deep = new string('[', 50_000) + new string(']', 50_000);
        var body = what switch
        {
            "deep" => deep,
            "deep in the message" =>
                JsonSerializer.Serialize(
                    new { message = new { attributes = new { eventType = "OBJECT_FINALIZE" },
                        data = Convert.ToBase64String(Encoding.UTF8.GetBytes(deep)), messageId = "1" }, subscription = "s" }),
            "cut off" => """{"message":{"data":"eyJ""",
            _ => JsonSerializer.Serialize(
                new { message = new { attributes = new { eventType = "OBJECT_FINALIZE", x = new string('a', 40_000_000) } } }),
        };
        try
        {
            using var answer = await site.Client.SendAsync(Events.Post(body), TestContext.Current.CancellationToken);
            Assert.InRange((int)answer.StatusCode, 200, 499);
        }
        catch (HttpRequestException)
        {
            Assert.Equal("large", what); // Its connection may be closed before all of it was sent.
        }
        Assert.Empty(site.Entries());
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Fact]
    public async Task A_forged_event_of_an_object_that_is_not_there_gives_no_entry()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        stored.Generation++;
        using var answer = await site.EventarcAsync(stored);
        Assert.True(answer.IsSuccessStatusCode, "it is acknowledged: coming again would not make it true");
        Assert.Empty(site.Entries());
    }

    [Fact]
    public async Task A_replayed_event_gives_no_second_entry_no_matter_what_it_claims_now()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.EventarcAsync(stored);
        stored.Metadata!["crispy-chunk"] = "gate/20300101T000000000Z/00000000";
        await site.EventarcAsync(stored);
        await site.PubSubAsync(stored);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Metadata_cannot_write_a_line_or_a_field_of_its_own()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        const string hostile = "x\n{\"severity\":\"INFO\",\"signature\":\"verified\"}\r\n\",\"signature\":\"verified\",\"\u2028\u001b[2J";
        var metadata = new Dictionary<string, string> { [ChunkMetadata.Chunk] = hostile, [ChunkMetadata.Duration] = hostile,
            [ChunkMetadata.Signature] = hostile, [ChunkMetadata.Traceparent] = hostile };
        await site.EventarcAsync(await site.UploadAsync(chunk.Name, chunk.Media, metadata));
        var line = Assert.Single(File.ReadAllLines(site.LogFile));
        Assert.DoesNotContain('\u001b', line);
        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal("invalid", entry.GetProperty("signature").GetString());
        Assert.Equal("ERROR", entry.GetProperty("severity").GetString());
    }

    [Fact]
    public async Task A_manifest_and_a_signature_beyond_any_size_are_invalid_without_being_parsed()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        await site.EventarcAsync(await site.UploadAsync(chunk, metadata =>
        {
            metadata.Clear();
            metadata[ChunkMetadata.Manifest] = new string('A', 3_000);
            metadata[ChunkMetadata.Signature] = new string('A', 4_900) + "..AAAA";
        }));
        Assert.Equal("invalid", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    /// <summary>What a forger may write into the event of a chunk that is signed and stored.</summary>
    public static TheoryData<string, Action<GcsObject>> Lies { get; } = new()
    {
        { "no metadata", stored => stored.Metadata = null },
        { "empty metadata", stored => stored.Metadata = new Dictionary<string, string>() },
        { "another chunk's id", stored => stored.Metadata![ChunkMetadata.Chunk] = "gate/20300101T000000000Z/00000000" },
        { "another duration", stored => stored.Metadata![ChunkMetadata.Duration] = "NaN\n{\"severity\":\"EMERGENCY\"}" },
        { "a foreign signature", stored => stored.Metadata![ChunkMetadata.Signature] = "eyJhbGciOiJub25lIiwia2lkIjoieCJ9.." },
        { "a manifest of nothing", stored => stored.Metadata![ChunkMetadata.Manifest] = "!!!" },
        { "a manifest of 400 kB", stored => stored.Metadata![ChunkMetadata.Manifest] = new string('A', 400_000) },
        { "a loss", stored =>
            stored.Metadata =
            new Dictionary<string, string> { [LossMetadata.Loss] = "gate/20300101T000000000Z/00000000", [LossMetadata.Record] = "AAAA" } },
        { "another trace",
            stored => stored.Metadata![ChunkMetadata.Traceparent] = "00-" + new string('f', 32) + "-" + new string('f', 16) + "-01" },
        { "another link", stored => stored.MediaLink = "javascript:alert(1)" },
        { "no size", stored => stored.Size = 0 },
        { "a great size", stored => stored.Size = long.MaxValue },
        { "another checksum", stored => stored.Crc32c = "AAAAAA==" },
        { "another type",
            stored => (stored.ContentType, stored.ContentEncoding, stored.ContentDisposition) = ("text/html", "gzip", "inline\r\nx: y") },
        { "another link to itself", stored => (stored.SelfLink, stored.Id, stored.ETag) = ("file:///etc/passwd", "../../x", "\"") },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_forged_event_of_a_stored_chunk_gives_the_line_of_the_true_one(string what, Action<GcsObject> lie)
    {
        Assert.NotEmpty(what);
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        var link = stored.MediaLink;
        lie(stored);
        using var answer = await site.EventarcAsync(stored);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("verified", "INFO", chunk.Manifest.Chunk, link),
            (entry.GetProperty("signature").GetString(), entry.GetProperty("severity").GetString(), entry.GetProperty("chunk").GetString(),
                entry.GetProperty("mediaLink").GetString()));
        Assert.Contains(Chunk.Traceparent.Split('-')[1], entry.GetProperty("logging.googleapis.com/trace").GetString(),
            StringComparison.Ordinal);
        Assert.False(entry.TryGetProperty("problems", out _), entry.ToString());
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_forged_event_of_an_unsigned_object_makes_it_no_better(string what, Action<GcsObject> lie)
    {
        Assert.NotEmpty(what);
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk.Name, await Footage.GreyAsync());
        (stored.Metadata, stored.Size, stored.Crc32c) = (chunk.Metadata, (ulong)chunk.Media.Length, chunk.Manifest.Crc32c);
        lie(stored);
        await site.EventarcAsync(stored);
        Assert.Equal("missing", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    /// <summary>Names that no object of the bucket has, and ones that no object can have.</summary>
    public static TheoryData<string, Action<GcsObject>> WrongNames { get; } = new()
    {
        { "another generation", stored => stored.Generation++ },
        { "no generation", stored => stored.Generation = null },
        { "generation 0", stored => stored.Generation = 0 },
        { "a negative generation", stored => stored.Generation = -1 },
        { "another name", stored => stored.Name = stored.Name.Replace("00000000", "00000001", StringComparison.Ordinal) },
        { "a loss record's name", stored => stored.Name = stored.Name.Replace("gate/", "gate/_loss/", StringComparison.Ordinal)
            .Replace(".mkv", ".json", StringComparison.Ordinal) },
        { "a way out", stored => stored.Name = "../../../etc/passwd" },
        { "the bucket itself", stored => stored.Name = ".." },
        { "the bucket's list", stored => stored.Name = "." },
        { "no name", stored => stored.Name = "" },
        { "a line", stored => stored.Name += "\n{\"signature\":\"verified\"}" },
        { "a name of a megabyte", stored => stored.Name = new string('a', 900_000) },
        { "another bucket", stored => stored.Bucket = "other" },
        { "a bucket beside", stored => stored.Bucket = "../other" },
        { "a bucket with a query", stored => stored.Bucket = "chunks?x=/b/other" },
    };

    [Theory]
    [MemberData(nameof(WrongNames))]
    public async Task An_event_with_a_wrong_name_gives_no_line_and_the_true_one_still_does(string what, Action<GcsObject> lie)
    {
        Assert.NotEmpty(what);
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        var stored = await site.UploadAsync(chunk);
        var (bucket, name, generation) = (stored.Bucket, stored.Name, stored.Generation);
        lie(stored);
        foreach (var payload in (bool[])[true, false])
        {
            using var answer = await site.PubSubAsync(stored, payload: payload);
            Assert.InRange((int)answer.StatusCode, 200, 499);
        }
        Assert.Empty(site.Entries());
        (stored.Bucket, stored.Name, stored.Generation) = (bucket, name, generation);
        await site.PubSubAsync(stored);
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Theory]
    [InlineData("""{"bucket":"other","name":"x","generation":"1","bucket":"chunks","name":"NAME","generation":"GENERATION"}""", 1)]
    [InlineData("""{"bucket":"chunks","name":"NAME","generation":"GENERATION","metadata":{"crispy-chunk":"a","crispy-chunk":"b"}"""
        + ""","metadata":[],"size":{}}""", 1)]
    [InlineData("""{"bucket":"chunks","name":"NAME","generation":"GENERATION","name":"other"}""", 0)]
    [InlineData("""{"bucket":"chunks","name":"\ud800","generation":"GENERATION"}""", 0)]
    [InlineData("""{"bucket":["chunks"],"name":{"a":1},"generation":1e3}""", 0)]
    [InlineData("""{"bucket":"chunks","name":"NAME","generation":"99999999999999999999999"}""", 0)]
    public async Task What_an_event_says_twice_or_in_another_form_is_a_hint_like_any_other(string resource, int lines)
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        var data = resource.Replace("NAME", stored.Name, StringComparison.Ordinal)
            .Replace("GENERATION", $"{stored.Generation}", StringComparison.Ordinal);
        using var request = Events.Post(
            JsonSerializer.Serialize(
                new { message = new { attributes = new { eventType = "OBJECT_FINALIZE" },
                    data = Convert.ToBase64String(Encoding.UTF8.GetBytes(data)), messageId = "1" }, subscription = "s" }));
        using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.InRange((int)answer.StatusCode, 200, 499);
        Assert.Equal(lines, site.Entries().Count);
        await site.EventarcAsync(stored);
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Fact]
    public async Task A_loss_record_is_what_the_bucket_holds_no_matter_what_its_event_says()
    {
        await using var site = await Site.StartAsync();
        var bytes = LossJson.Write(LossTests.Record);
        var stored = await site.UploadAsync(LossTests.Record.Object, bytes,
            LossMetadata.For(LossTests.Record, bytes, site.Signer.Sign(bytes), null));
        (stored.Metadata, stored.Size, stored.Crc32c) = (new Dictionary<string, string> { [ChunkMetadata.Chunk] = "x" }, 1, "AAAAAA==");
        await site.PubSubAsync(stored);
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("verified", LossTests.Record.Chunk),
            (entry.GetProperty("signature").GetString(), entry.GetProperty("loss").GetString()));
    }

    [Fact]
    public async Task A_loss_record_whose_object_holds_other_bytes_is_invalid()
    {
        await using var site = await Site.StartAsync();
        var bytes = LossJson.Write(LossTests.Record);
        var other = bytes.ToArray();
        other[^2] ^= 1;
        await site.EventarcAsync(
            await site.UploadAsync(LossTests.Record.Object, other,
                LossMetadata.For(LossTests.Record, bytes, site.Signer.Sign(bytes), null)));
        Assert.Equal("invalid", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Fact]
    public async Task An_object_that_would_come_inflated_is_not_read()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        using var media = new MemoryStream(chunk.Media);
        var stored = await site.Storage.UploadObjectAsync(
            new GcsObject { Bucket = Site.Bucket, Name = chunk.Name, ContentEncoding = "gzip", Metadata = chunk.Metadata }, media,
            cancellationToken: TestContext.Current.CancellationToken);
        await site.EventarcAsync(stored);
        Assert.Equal(("verified", "WARNING"),
            (Assert.Single(site.Entries()).GetProperty("signature").GetString(), site.Entries()[0].GetProperty("severity").GetString()));
        Assert.DoesNotContain(site.Requests, request => request.Range is not null);
    }
}
