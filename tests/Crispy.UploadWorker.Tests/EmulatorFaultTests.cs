using System.Net.Http.Json;
using System.Text.Json;
using Crispy.CloudEmulator;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;

namespace Crispy.UploadWorker.Tests;

/// <summary>
/// Google's retry rules, with the faults in the cloud emulator: whatever passes with time, at whichever stage of a request, ends with the chunk stored
/// once and whole; and what does not pass is not repeated.
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
        Assert.Equal((chunk.Manifest.Crc32c, "1"), (stored.GetProperty("crc32c").GetString(), stored.GetProperty("metageneration").GetString()));
        Assert.Equal(chunk.Bytes, await cloud.Client.GetByteArrayAsync(stored.GetProperty("mediaLink").GetString()));
        Assert.False(File.Exists(chunk.Files.Chunk));
        Assert.Equal(stage == "after-store" || fault == "truncate" ? times - 1 : 0, await cloud.LeftAsync()); // what was stored is asked about, not sent again
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

    [Fact]
    public async Task Faults_of_asking_are_retried_like_those_of_sending()
    {
        await using var cloud = await Cloud.StartAsync(broker, redis);
        var chunk = cloud.Rig.Chunk(0, Size);
        await cloud.FailAsync("503", "after-store", times: 1);
        await cloud.FailAsync("503", "before", times: 1, method: "GET");
        await cloud.FailAsync("resetBeforeBody", "before", times: 1, method: "GET");

        Assert.IsType<Verdict.Stored>(await cloud.Rig.UploadAsync(chunk));

        Assert.Equal(0, await cloud.LeftAsync());
    }

    /// <summary>The emulator in place of a rig's own bucket.</summary>
    private sealed class Cloud : IAsyncDisposable
    {
        private readonly TempFolder _folder;
        private readonly WebApplication _emulator;

        private Cloud(TempFolder folder, WebApplication emulator, Rig rig)
        {
            (_folder, _emulator, Rig) = (folder, emulator, rig);
            Client = new() { BaseAddress = new(emulator.Urls.First()) };
            rig.Storage = new StorageClientBuilder { BaseUri = $"{emulator.Urls.First()}/storage/v1/", UnauthenticatedAccess = true };
        }

        public Rig Rig { get; }

        public HttpClient Client { get; }

        public static async Task<Cloud> StartAsync(RabbitMqServer broker, RedisServer redis)
        {
            var folder = new TempFolder();
            var emulator = EmulatorApp.Create(["--urls", "http://127.0.0.1:0", "--data", folder.Path, "--bucket", FaultyBucket.Name, "--Logging:LogLevel:Default=Warning"]);
            await emulator.StartAsync();
            return new(folder, emulator, await Rig.StartAsync(broker, redis));
        }

        public async Task FailAsync(string fault, string stage, int times, string method = "POST")
        {
            var isStatus = int.TryParse(fault, out var status);
            using var answer = await Client.PostAsJsonAsync("/_emulator/faults", new
            {
                match = new { method },
                times,
                fault = isStatus ? "status" : fault,
                status = isStatus ? status : 503,
                afterBytes = stage == "mid-body" ? Size / 4 : 0,
                afterStore = stage == "after-store",
            });
            Assert.True(answer.IsSuccessStatusCode);
        }

        public async Task<int> LeftAsync() => (await Client.GetFromJsonAsync<JsonElement>("/_emulator/faults")).GetProperty("left").GetInt32();

        public static string PathOf(TestChunk chunk) => $"/storage/v1/b/{FaultyBucket.Name}/o/{Uri.EscapeDataString(chunk.Manifest.Object)}";

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
