using System.Net;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>What chunk-logger asks of the bucket, by Google's client, while the bucket fails. The event is answered with 500, and logs the
/// chunk when it comes again.</summary>
public sealed class BucketFaultTests
{
    /// <summary>Calls and faults: first the object's description is asked for, then a range of its bytes. The client itself repeats a
    /// description on 408, 429 and 5xx, twice; a download never.</summary>
    public static TheoryData<string, string, int> Faults
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            string[] once = ["403", "resetBeforeBody", "resetMidBody", "truncate"];
            foreach (var fault in (string[])[.. once, "408", "429", "500", "502", "503", "504"]) data.Add("range", fault, 1);
            foreach (var fault in once) data.Add("description", fault, 1);
            foreach (var fault in (string[])["503", "429"]) data.Add("description", fault, 3);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_event_during_a_fault_is_answered_with_500_and_logs_its_chunk_later(string call, string fault, int times)
    {
        await using var site = await Site.StartAsync();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        var isStatus = int.TryParse(fault, out var status);
        var kind = isStatus ? "status" : fault;
        await site.FailAsync(
            new { match = new { method = "GET", queryContains = call == "range" ? "alt=media" : "generation=" }, times, fault = kind,
                status = isStatus ? status : 503 });

        using var failed = await site.PubSubAsync(stored);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Empty(site.Entries());
        Assert.Equal(call == "range" ? 2 : times, site.Requests.Count);

        using var again = await site.PubSubAsync(stored);
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
        await site.FailAsync(new { match = new { method = "GET", queryContains = "alt=media" }, times = 1, fault });
        using var answer = await site.EventarcAsync(stored);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("verified", "INFO"), (entry.GetProperty("signature").GetString(), entry.GetProperty("severity").GetString()));
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
    public async Task A_chunk_that_is_logged_costs_its_description_and_one_range()
    {
        await using var site = await Site.StartAsync();
        foreach (var sequence in (int[])[1, 2])
        {
            var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer, sequence: sequence));
            Assert.Equal(HttpStatusCode.OK, (await site.PubSubAsync(stored)).StatusCode);
        }
        Assert.Equal(2, site.Entries().Count);
        Assert.Equal([null, "bytes=0-16383", null, "bytes=0-16383"], site.Requests.Select(request => request.Range?.ToString()));
    }
}
