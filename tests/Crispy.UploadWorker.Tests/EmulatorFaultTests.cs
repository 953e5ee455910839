using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Crispy.CloudEmulator;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.UploadWorker.Tests;

/// <summary>
/// Google's retry rules, with the faults in the cloud emulator. What passes with time, at any stage of a request, ends with the chunk
/// stored once and whole; what does not pass is not repeated.
/// </summary>
public sealed class EmulatorFaultTests(RabbitMqServer broker, RedisServer redis)
{
    private const int Size = 1 << 20;

    public static TheoryData<string, string, int> Passing
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (var times in (int[])[1, 3])
            {
                foreach (var status in (string[])["408", "429", "500", "502", "503", "504"])
                    foreach (var stage in (string[])["before", "mid-body", "after-store"]) data.Add(status, stage, times);
                foreach (var fault in (string[])["resetBeforeBody", "resetMidBody"])
                    foreach (var stage in (string[])["before", "after-store"]) data.Add(fault, stage, times);
                data.Add("truncate", "before", times); // of the answer, so the object is stored
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_fault_that_passes_leaves_the_chunk_stored_once_and_whole(string fault, string stage, int times)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync(fault, stage, times);

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        var stored = await cloud.DescribeAsync(chunk);
        Assert.Equal((chunk.Manifest.Crc32c, "1"),
            (stored.GetProperty("crc32c").GetString(), stored.GetProperty("metageneration").GetString()));
        Assert.Equal(chunk.Bytes, await cloud.Client.GetByteArrayAsync(stored.GetProperty("mediaLink").GetString()));
        Assert.False(File.Exists(chunk.Files.Chunk));
        // what was stored is asked about, not sent again
        Assert.Equal(stage == "after-store" || fault == "truncate" ? times - 1 : 0, await cloud.LeftAsync());
    }

    [Theory]
    [InlineData("400")]
    [InlineData("401")]
    [InlineData("403")]
    [InlineData("404")]
    public async Task A_fault_that_stays_is_not_repeated_and_the_chunk_kept(string status)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync(status, "before", times: 2);

        Assert.IsType<Verdict.Refused>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(1, await cloud.LeftAsync());
        Assert.True(File.Exists(chunk.Files.Chunk));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await cloud.Client.GetAsync(Cloud.PathOf(chunk))).StatusCode);
    }

    [Fact]
    public async Task A_checksum_that_comes_back_wrong_is_asked_about_again()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync("wrongCrc", "before", times: 1);

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(chunk.Manifest.Crc32c, (await cloud.DescribeAsync(chunk)).GetProperty("crc32c").GetString());
    }

    [Theory]
    [InlineData("503", "resetMidBody")]
    [InlineData("resetBeforeBody", "429")]
    [InlineData("408", "resetMidBody")]
    [InlineData("412", "503")] // a name that is taken and then is not
    public async Task Faults_of_several_kinds_one_after_the_other_end_with_the_chunk_stored(string first, string second)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        foreach (var fault in (string[])[first, second]) await cloud.FailAsync(fault, "before", times: 1);

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(chunk.Manifest.Crc32c, (await cloud.DescribeAsync(chunk)).GetProperty("crc32c").GetString());
        Assert.Equal(0, await cloud.LeftAsync());
    }

    [Theory]
    [InlineData("object", "408")]
    [InlineData("object", "429")]
    [InlineData("object", "500")]
    [InlineData("object", "503")]
    [InlineData("object", "resetBeforeBody")]
    [InlineData("object", "resetMidBody")]
    [InlineData("object", "truncate")]
    [InlineData("bucket", "429")]
    [InlineData("bucket", "503")]
    [InlineData("bucket", "resetBeforeBody")]
    public async Task Faults_of_asking_are_retried_like_those_of_sending(string asked, string fault)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        // The object is asked for after an attempt, and the bucket where it has no such object.
        await cloud.FailAsync("503", asked == "object" ? "after-store" : "before", times: 1);
        var path = asked == "object" ? Cloud.PathOf(chunk) : $"/storage/v1/b/{FaultyBucket.Name}";
        await cloud.FailAsync(fault, "before", times: 1, method: "GET", path);

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(0, await cloud.LeftAsync());
        Assert.Equal(asked == "object" ? 1 : 2, cloud.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_object_whose_deletion_fails_is_asked_about_again()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        // Both answers say that another object was stored, so it is deleted.
        await cloud.FailAsync("wrongCrc", "before", times: 1);
        await cloud.FailAsync("wrongCrc", "before", times: 1, method: "GET");
        await cloud.FailAsync("503", "before", times: 1, method: "DELETE");

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(chunk.Manifest.Crc32c, (await cloud.DescribeAsync(chunk)).GetProperty("crc32c").GetString());
        Assert.Equal(0, await cloud.LeftAsync());
    }

    [Fact]
    public async Task A_wrong_object_is_deleted_and_stored_again()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync("wrongCrc", "before", times: 1);
        await cloud.FailAsync("wrongCrc", "before", times: 1, method: "GET");

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(["POST", "GET", "DELETE", "GET", "GET", "POST"], cloud.Requests.Select(request => request.Split(' ')[0]));
        var stored = await cloud.DescribeAsync(chunk);
        Assert.Equal(chunk.Bytes, await cloud.Client.GetByteArrayAsync(stored.GetProperty("mediaLink").GetString()));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task A_redirection_is_not_followed_since_a_bucket_sends_nobody_elsewhere(string method)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        if (method == "GET") await cloud.FailAsync("503", "before", times: 1);
        await cloud.FailAsync("redirect", "before", times: 1, method);

        Assert.IsType<Verdict.Refused>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(0, await cloud.LeftAsync());
        Assert.True(File.Exists(chunk.Files.Chunk));
    }

    [Fact]
    public async Task A_slow_answer_is_waited_for()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync("slow", "before", times: 1);
        var upload = cloud.Rig.UploadAsync(chunk);
        await Until.TrueAsync(async () => await cloud.LeftAsync() == 0);
        Assert.False(upload.IsCompleted);
        (await cloud.Client.DeleteAsync("/_emulator/faults")).Dispose();

        Assert.IsType<Verdict.Stored>(await upload);

        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task A_chunk_that_is_stored_costs_one_request()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        for (var sequence = 0; sequence < 3; sequence++)
            Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(cloud.Rig.Chunk(sequence, Size)));
        Assert.Equal(3, cloud.Requests.Count);
        var upload = $"POST /upload/storage/v1/b/{FaultyBucket.Name}/o?uploadType=multipart&ifGenerationMatch=0";
        Assert.All(cloud.Requests, request => Assert.StartsWith(upload, request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_stores_nothing_and_leaves_no_upload_open()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var bucket = cloud.Rig.Worker().Services.GetRequiredService<BucketClient>();
        await bucket.ProbeAsync("gate/a b.mkv", TestContext.Current.CancellationToken);
        Assert.Equal(["POST", "DELETE"], cloud.Requests.Select(request => request.Split(' ')[0]));
        using var again = await cloud.Client.PutAsync(cloud.Requests.Last().Split(' ')[1], new ByteArrayContent([1]));
        Assert.False(again.IsSuccessStatusCode);
        using var described = await cloud.Client.GetAsync($"/storage/v1/b/{FaultyBucket.Name}/o/gate%2Fa%20b.mkv");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, described.StatusCode);
    }

    [Theory]
    [InlineData("429")]
    [InlineData("503")]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("resetBeforeBody")]
    public async Task A_probe_fails_like_an_upload(string fault)
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var bucket = cloud.Rig.Worker().Services.GetRequiredService<BucketClient>();
        await cloud.FailAsync(fault, "before", times: 1);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => bucket.ProbeAsync("a", TestContext.Current.CancellationToken));
        if (int.TryParse(fault, out var status)) Assert.Equal(status, (int)Assert.IsType<BucketException>(failure).Status);
        else Assert.IsType<HttpRequestException>(failure);
        await bucket.ProbeAsync("a", TestContext.Current.CancellationToken);
    }

    /// <summary>The emulator in place of a rig's own bucket.</summary>
    private sealed class Cloud : IAsyncDisposable
    {
        private readonly TempFolder _folder;
        private readonly WebApplication _emulator;

        private Cloud(TempFolder folder, WebApplication emulator, ConcurrentQueue<string> requests, Rig rig)
        {
            (_folder, _emulator, Requests, Rig) = (folder, emulator, requests, rig);
            Client = new() { BaseAddress = new(emulator.Urls.First()) };
            rig.Storage = new StorageClientBuilder { BaseUri = $"{emulator.Urls.First()}/storage/v1/", UnauthenticatedAccess = true };
        }

        public Rig Rig { get; }

        public HttpClient Client { get; }

        /// <summary>What the worker asked of the bucket: method, path and query.</summary>
        public ConcurrentQueue<string> Requests { get; }

        public static async Task<Cloud> StartAsync(RabbitMqServer broker, RedisServer redis)
        {
            var folder = new TempFolder();
            var requests = new ConcurrentQueue<string>();
            var emulator = EmulatorApp.Create(
                ["--urls", "http://127.0.0.1:0", "--data", folder.Path, "--bucket", FaultyBucket.Name,
                    "--Logging:LogLevel:Default=Warning"]);
            emulator.Use((context, next) =>
            {
                // The worker's own: the test's client names no agent.
                var request = context.Request;
                if (request.Headers.UserAgent.Count > 0) requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
                return next(context);
            });
            await emulator.StartAsync();
            return new(folder, emulator, requests, await Rig.StartAsync(broker, redis));
        }

        public async Task FailAsync(string fault, string stage, int times, string method = "POST", string? path = null)
        {
            var isStatus = int.TryParse(fault, out var status);
            using var answer = await Client.PostAsJsonAsync("/_emulator/faults", new
            {
                match = new { method, path },
                times,
                fault = isStatus ? "status" : fault,
                status = isStatus ? status : 503,
                afterBytes = stage == "mid-body" ? Size / 4 : 0,
                afterStore = stage == "after-store",
            });
            Assert.True(answer.IsSuccessStatusCode);
        }

        public async Task<int> LeftAsync() =>
            (await Client.GetFromJsonAsync<JsonElement>("/_emulator/faults")).GetProperty("left").GetInt32();

        public static string PathOf(TestChunk chunk) =>
            $"/storage/v1/b/{FaultyBucket.Name}/o/{Uri.EscapeDataString(chunk.Manifest.Object)}";

        public Task<JsonElement> DescribeAsync(TestChunk chunk) => Client.GetFromJsonAsync<JsonElement>(PathOf(chunk));

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Rig.DisposeAsync();
            await _emulator.StopAsync();
            await _emulator.DisposeAsync();
            _folder.Dispose();
        }
    }
}
