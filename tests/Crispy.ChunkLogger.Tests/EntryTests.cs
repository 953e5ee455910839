using System.Net;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

public sealed class EntryTests
{
    [Theory]
    [InlineData("eventarc")]
    [InlineData("eventarc structured")]
    [InlineData("pubsub")]
    public async Task A_stored_chunk_gives_one_entry_in_every_form_of_event(string form)
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: 7);
        var stored = await site.UploadAsync(chunk);
        using var request = Tests.Events.Of(form, stored);
        using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var entry = Assert.Single(site.Entries());
        Assert.True(entry.GetProperty("severity").GetString() == "INFO", entry.ToString());
        Assert.Equal("2026-11-22T17:08:46.373000Z", entry.GetProperty("time").GetString());
        Assert.Equal("gate/20261122T170844123Z/00000007", entry.GetProperty("chunk").GetString());
        Assert.Equal("gate/20261122T170844123Z/00000007", entry.GetProperty("logging.googleapis.com/insertId").GetString());
        Assert.Equal($"projects/{SignerAccount.Project}/traces/{Chunk.Traceparent.Split('-')[1]}",
            entry.GetProperty("logging.googleapis.com/trace").GetString());
        Assert.Equal("verified", entry.GetProperty("signature").GetString());
        AssertResolution(entry, 240, 320, 3);
        var duration = entry.GetProperty("duration");
        Assert.Equal(("2026-11-22T17:08:44.123000Z", "2026-11-22T17:08:46.123000Z", 2m),
            (duration.GetProperty("from").GetString(), duration.GetProperty("to").GetString(),
                duration.GetProperty("seconds").GetDecimal()));
        Assert.Equal(50, entry.GetProperty("frames").GetInt64());
        Assert.Equal(250m, entry.GetProperty("latencyMs").GetDecimal());
        Assert.Equal(stored.MediaLink, entry.GetProperty("mediaLink").GetString());
        Assert.Equal("2026-11-22T18:08:46.000000Z", entry.GetProperty("signedUrlExpires").GetString());
        var labels = entry.GetProperty("labels");
        Assert.Equal(("gate", Site.Bucket, chunk.Name, stored.Generation.ToString()),
            (labels.GetProperty("stream").GetString(), labels.GetProperty("bucket").GetString(), labels.GetProperty("object").GetString(),
                labels.GetProperty("generation").GetString()));
        Assert.False(entry.TryGetProperty("problems", out _));
    }

    [Fact]
    public async Task The_signed_url_downloads_the_object_from_where_the_bucket_is()
    {
        await using var site = await Site.StartAsync(new() { ["Crispy:ChunkLogger:UrlLifetime"] = "00:05:00" });
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        await site.EventarcAsync(await site.UploadAsync(chunk));
        var entry = Assert.Single(site.Entries());
        var url = new Uri(entry.GetProperty("signedUrl").GetString()!);
        Assert.Equal(site.EmulatorAddress.Authority, url.Authority);
        Assert.Contains("X-Goog-Expires=300", url.Query, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Equal(chunk.Media, await http.GetByteArrayAsync(url, TestContext.Current.CancellationToken));

        var forged = new Uri(url.AbsoluteUri.Replace("X-Goog-Expires=300", "X-Goog-Expires=301", StringComparison.Ordinal));
        using var refused = await http.GetAsync(forged, TestContext.Current.CancellationToken);
        Assert.False(refused.IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_signed_url_answers_with_the_headers_of_the_settings()
    {
        await using var site = await Site.StartAsync(new()
        {
            ["Crispy:ChunkLogger:UrlContentDisposition"] = "attachment; filename=\"{name}\"",
            ["Crispy:ChunkLogger:UrlContentType"] = "video/webm",
        });
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        await site.EventarcAsync(await site.UploadAsync(chunk));
        var url = Assert.Single(site.Entries()).GetProperty("signedUrl").GetString()!;
        using var http = new HttpClient();
        using var answer = await http.GetAsync(url, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("video/webm", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal($"attachment; filename=\"{chunk.Name.Split('/')[^1]}\"", answer.Content.Headers.ContentDisposition!.ToString());

        using var altered = await http.GetAsync(url.Replace("video%2Fwebm", "text%2Fhtml", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        Assert.False(altered.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("1.00:00:00", "86400")]
    [InlineData("7.00:00:00", "604800")]
    [InlineData("00:01:00", "60")]
    public async Task The_url_is_good_for_the_lifetime_of_the_setting(string lifetime, string seconds)
    {
        await using var site = await Site.StartAsync(new() { ["Crispy:ChunkLogger:UrlLifetime"] = lifetime });
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));
        Assert.Contains($"X-Goog-Expires={seconds}&", Assert.Single(site.Entries()).GetProperty("signedUrl").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_head_of_the_object_is_read()
    {
        await using var site = await Site.StartAsync();
        var media = await Footage.MatroskaAsync();
        Assert.True(media.Length > 200_000, $"{media.Length} bytes say nothing about reading less than 65536");
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(media, site.Signer)));
        Assert.Single(site.Entries());
        Assert.Null(site.Requests.First().Range); // The object's description.
        var asked = site.Requests.Skip(1).Select(request => request.Range?.Ranges.Single()).ToList();
        Assert.All(asked, Assert.NotNull);
        Assert.InRange(asked.Sum(range => range!.To!.Value - range.From!.Value + 1), 1, 64 * 1024 - 1);
        Assert.Equal(16 * 1024, asked.Sum(range => range!.To!.Value - range.From!.Value + 1));
    }

    [Theory]
    [InlineData("mp4 with its description behind the frames", "INFO")]
    [InlineData("nothing known", "WARNING")]
    [InlineData("Matroska that goes on with nothing known", "WARNING")]
    public async Task Never_64_KB_are_read_of_any_object(string what, string severity)
    {
        await using var site = await Site.StartAsync();
        var noise = new byte[300_000];
        new Random(1).NextBytes(noise);
        byte[] media = what switch
        {
            "nothing known" => noise,
            "Matroska that goes on with nothing known" =>
                [.. (await Footage.MatroskaAsync())[..60], 0xEC, 0x08, 0x7F, 0xFF, 0xFF, .. noise],
            _ => await Footage.Mp4Async(),
        };
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(media, site.Signer, container: what[..3] == "mp4" ? "mp4" : "mkv")));
        var entry = Assert.Single(site.Entries());
        Assert.True(entry.GetProperty("severity").GetString() == severity, entry.ToString());
        var asked = site.Requests.Skip(1).Select(request => request.Range!.Ranges.Single()).ToList();
        Assert.InRange(asked.Sum(range => Math.Min(range.To!.Value, media.Length - 1) - range.From!.Value + 1), 1, 64 * 1024 - 1);
    }

    [Theory]
    [InlineData("mkv", 1)]
    [InlineData("mp4", 3)]
    [InlineData("ts", 3)]
    public async Task The_resolution_is_read_from_every_container(string container, int channels)
    {
        await using var site = await Site.StartAsync();
        var media = container switch
        {
            "mp4" => await Footage.FragmentedMp4Async(),
            "ts" => await Footage.TransportStreamAsync(),
            _ => await Footage.GreyAsync(),
        };
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(media, site.Signer, container: container, channels: channels)));
        var entry = Assert.Single(site.Entries());
        AssertResolution(entry, 240, 320, channels);
        Assert.True(entry.GetProperty("severity").GetString() == "INFO", entry.ToString());
    }

    [Fact]
    public async Task A_picture_that_its_manifest_describes_otherwise_is_an_error_and_the_objects_own_word_counts()
    {
        await using var site = await Site.StartAsync();
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer,
            change: manifest => manifest with { Width = 1920, Height = 1080 });
        await site.EventarcAsync(await site.UploadAsync(chunk));
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("ERROR", "verified"), (entry.GetProperty("severity").GetString(), entry.GetProperty("signature").GetString()));
        AssertResolution(entry, 240, 320, 3);
        Assert.Contains("1080x1920x3", Assert.Single(entry.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_payload_is_completed_from_the_bucket()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        using var answer = await site.PubSubAsync(stored, payload: false);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    private static void AssertResolution(JsonElement entry, int height, int width, int channels)
    {
        var resolution = entry.GetProperty("resolution");
        Assert.Equal((height, width, channels),
            (resolution.GetProperty("height").GetInt32(), resolution.GetProperty("width").GetInt32(),
                resolution.GetProperty("channels").GetInt32()));
    }
}
