using System.Net;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>What chunk-logger asks of the bucket, by Google's client, while the bucket fails: the event is answered with 500, and logs the chunk when it comes again.</summary>
public sealed class BucketFaultTests
{
    /// <summary>Calls and faults. The client itself repeats a description on 408, 429 and 5xx, twice; a download never.</summary>
    public static TheoryData<string, string, int> Faults
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (var fault in (string[])["408", "429", "500", "502", "503", "504", "resetBeforeBody", "resetMidBody", "truncate"]) data.Add("range", fault, 1);
            foreach (var fault in (string[])["503", "429"]) data.Add("description", fault, 3);
            foreach (var fault in (string[])["403", "resetBeforeBody", "resetMidBody", "truncate"]) data.Add("description", fault, 1);
            data.Add("range", "403", 1);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_event_during_a_fault_is_answered_with_500_and_logs_its_chunk_when_it_comes_again(string call, string fault, int times)
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        var isStatus = int.TryParse(fault, out var status);
        await site.FailAsync(new { match = new { method = "GET" }, times, fault = isStatus ? "status" : fault, status = isStatus ? status : 503 });

        // An event without the object's resource has it asked for first.
        using var failed = await site.PubSubAsync(stored, payload: call == "range");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Empty(site.Entries());
        Assert.Equal(times, site.Requests.Count);

        using var again = await site.PubSubAsync(stored, payload: call == "range");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("verified", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Theory]
    [InlineData("redirect")]
    [InlineData("wholeHash")]
    [InlineData("wrongCrc")]
    public async Task What_is_no_failure_of_a_range_is_none_of_the_event(string fault)
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.FailAsync(new { match = new { method = "GET" }, times = 1, fault });
        using var answer = await site.EventarcAsync(stored);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("verified", "INFO"), (entry.GetProperty("signature").GetString(), entry.GetProperty("severity").GetString()));
    }

    [Fact]
    public async Task A_checksum_of_the_whole_that_comes_beside_a_part_and_is_not_the_signed_one_is_told()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.Storage.DeleteObjectAsync(Site.Bucket, stored.Name, cancellationToken: TestContext.Current.CancellationToken);
        var media = await Footage.MatroskaAsync();
        var other = await site.UploadAsync(stored.Name, [.. media[..^1], (byte)~media[^1]], stored.Metadata);
        other.Crc32c = stored.Crc32c; // an event that lies
        await site.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "wholeHash" });
        await site.EventarcAsync(other);
        Assert.Equal("invalid", Assert.Single(site.Entries()).GetProperty("signature").GetString());
    }

    [Fact]
    public async Task A_slow_bucket_is_waited_for()
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        await site.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "slow" });
        var answer = site.EventarcAsync(stored);
        await Until.TrueAsync(async () => await site.FaultsLeftAsync() == 0);
        Assert.False(answer.IsCompleted);
        await site.ClearFaultsAsync();
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task A_chunk_that_is_logged_costs_one_request()
    {
        await using var site = await Site.StartAsync();
        foreach (var sequence in (int[])[1, 2])
        {
            var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: sequence));
            Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(stored)).StatusCode);
        }
        Assert.Equal(2, site.Entries().Count);
        Assert.Equal(2, site.Requests.Count);
        Assert.All(site.Requests, request => Assert.Equal("bytes=0-16383", request.Range?.ToString()));
    }
}
