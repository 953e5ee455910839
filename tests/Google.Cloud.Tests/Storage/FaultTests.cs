using System.Net;
using System.Net.Http.Headers;
using Crispy.Testing;
using Google.Cloud.Storage.V1;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Tests.Storage;

/// <summary>What Google's client makes of faults: which it repeats, and what it throws in the end. Who calls it decides by that.</summary>
public sealed class FaultTests
{
    private const string Name = "gate/1.mkv";

    private static readonly byte[] Data = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("describe", 408)]
    [InlineData("describe", 429)]
    [InlineData("describe", 500)]
    [InlineData("describe", 503)]
    [InlineData("list", 408)]
    [InlineData("list", 429)]
    [InlineData("list", 502)]
    [InlineData("list", 504)]
    public async Task A_question_is_repeated_once_its_answer_was_an_error_that_passes(string call, int status)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "status", status });
        Assert.Equal(Name, await CallAsync(bucket, call, Stream.Null));
        Assert.Equal(2, bucket.Requests.Count);
    }

    [Theory]
    [InlineData("describe", 503, 3)]
    [InlineData("list", 503, 3)]
    [InlineData("describe", 403, 1)]
    [InlineData("list", 403, 1)]
    [InlineData("whole", 429, 1)]
    [InlineData("whole", 503, 1)]
    [InlineData("part", 408, 1)]
    [InlineData("part", 503, 1)]
    public async Task Errors_that_last_are_thrown_with_their_status_and_a_download_is_not_repeated(string call, int status, int requests)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 9, fault = "status", status });
        var refused = await Assert.ThrowsAsync<GoogleApiException>(() => CallAsync(bucket, call, Stream.Null));
        Assert.Equal((HttpStatusCode)status, refused.HttpStatusCode);
        Assert.Equal(requests, bucket.Requests.Count);
    }

    [Theory]
    [InlineData("describe", "resetBeforeBody")]
    [InlineData("describe", "resetMidBody")]
    [InlineData("list", "resetBeforeBody")]
    [InlineData("list", "resetMidBody")]
    [InlineData("whole", "resetBeforeBody")]
    [InlineData("whole", "resetMidBody")]
    [InlineData("part", "resetBeforeBody")]
    [InlineData("part", "resetMidBody")]
    public async Task A_connection_that_breaks_is_thrown_as_an_error_of_HTTP_or_of_reading(string call, string fault)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 9, fault });
        var broken = await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(bucket, call, Stream.Null));
        Assert.True(broken is HttpRequestException or IOException, broken.ToString());
        Assert.Single(bucket.Requests);
    }

    [Theory]
    [InlineData("describe", typeof(GoogleApiException))]
    [InlineData("list", typeof(GoogleApiException))]
    [InlineData("whole", typeof(IOException))]
    public async Task An_answer_that_lacks_its_end_is_thrown(string call, Type thrown)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "truncate" });
        await Assert.ThrowsAsync(thrown, () => CallAsync(bucket, call, Stream.Null));
    }

    [Fact]
    public async Task A_part_that_lacks_its_end_is_not_seen()
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "truncate" });
        using var part = new MemoryStream();
        await CallAsync(bucket, "part", part);
        Assert.Equal(Data[..500], part.ToArray());
    }

    [Fact]
    public async Task A_whole_object_with_another_checksum_is_refused()
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "wrongCrc" });
        await Assert.ThrowsAsync<IOException>(() => CallAsync(bucket, "whole", Stream.Null));
    }

    [Fact]
    public async Task A_part_with_the_checksum_of_the_whole_is_refused_unless_nothing_is_validated()
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 2, fault = "wholeHash" });
        await Assert.ThrowsAsync<IOException>(() => CallAsync(bucket, "part", Stream.Null));
        using var part = new MemoryStream();
        await CallAsync(bucket, "part", part, DownloadValidationMode.Never);
        Assert.Equal(Data[..1000], part.ToArray());
    }

    [Theory]
    [InlineData("describe")]
    [InlineData("list")]
    [InlineData("whole")]
    [InlineData("part")]
    public async Task A_redirection_is_followed(string call)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 1, fault = "redirect" });
        Assert.Equal(Name, await CallAsync(bucket, call, Stream.Null));
        Assert.Equal(2, bucket.Requests.Count);
    }

    [Theory]
    [InlineData("describe")]
    [InlineData("list")]
    [InlineData("whole")]
    [InlineData("part")]
    public async Task A_slow_answer_is_waited_for_and_ends_when_the_caller_gives_up(string call)
    {
        await using var bucket = await StartAsync();
        await bucket.FailAsync(new { match = new { method = "GET" }, times = 2, fault = "slow" });
        var waiting = CallAsync(bucket, call, Stream.Null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var givenUp = CallAsync(bucket, call, Stream.Null, cancellation: patience.Token);
        await Until.TrueAsync(async () => await bucket.LeftAsync() == 0);
        Assert.False(waiting.IsCompleted || givenUp.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await bucket.ClearAsync();
        Assert.Equal(Name, await waiting);
    }

    private static async Task<EmulatedBucket> StartAsync()
    {
        var bucket = await EmulatedBucket.StartAsync();
        // Long enough that its description is gzipped.
        await bucket.StoreAsync(Name, Data, new() { ["manifest"] = new string('x', 2000) });
        bucket.Requests.Clear();
        return bucket;
    }

    /// <returns>The object's name, by what was answered.</returns>
    private static async Task<string> CallAsync(EmulatedBucket bucket, string call, Stream destination, DownloadValidationMode mode = DownloadValidationMode.Always, CancellationToken? cancellation = null)
    {
        var (client, token) = (bucket.Client, cancellation ?? Cancellation);
        var options = new DownloadObjectOptions { Range = call == "part" ? new RangeHeaderValue(0, 999) : null, DownloadValidationMode = mode };
        GcsObject found = call switch
        {
            "describe" => await client.GetObjectAsync(EmulatedBucket.Name, Name, cancellationToken: token),
            "list" => await client.ListObjectsAsync(EmulatedBucket.Name, "gate/").SingleAsync(token),
            _ => await client.DownloadObjectAsync(EmulatedBucket.Name, Name, destination, options, token),
        };
        return found.Name;
    }
}
