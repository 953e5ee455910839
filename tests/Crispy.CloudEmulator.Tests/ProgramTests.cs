using System.Net;
using Crispy.Testing;

namespace Crispy.CloudEmulator.Tests;

public class ProgramTests
{
    private static readonly string Dll = Path.Combine(AppContext.BaseDirectory, "Crispy.CloudEmulator.dll");

    [Theory]
    [InlineData("--data", "")]
    [InlineData("--bogus", "--bogus", "1")]
    [InlineData("--bucket", "--data", "$", "--bucket", "No")]
    [InlineData("--notify", "--data", "$", "--notify", "not a url")]
    [InlineData("--data", "--data")]
    [InlineData("--data", "--data", "/dev/null/x")]
    [InlineData("--md5", "--data", "$", "--md5", "perhaps")]
    [InlineData("--urls", "--data", "$", "--urls", "nonsense")]
    [InlineData("--signer", "--data", "$", "--signer", "$/bad.json")]
    [InlineData("--data", "--data", "$", "--data", "$")]
    public async Task A_wrong_option_is_named(string named, params string[] args)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["bad.json"], """{"client_email":"x@y","public_key":"no PEM"}""");
        var result =
            await Command.TryAsync("dotnet", [Dll, .. args.Where(arg => arg.Length > 0).Select(arg => arg.Replace("$", folder.Path))]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(named, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public async Task Options_come_from_the_environment_too()
    {
        using var folder = new TempFolder();
        await using var process = await WatchedProcess.StartAsync(folder["log"], new Dictionary<string, string>
        {
            ["Emulator__Data"] = folder["data"],
            ["Emulator__Buckets__0"] = "first-bucket",
            ["Emulator__Buckets__1"] = "second-bucket",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        }, "dotnet", Dll);
        using var client = await ClientAsync(process);
        Assert.Contains("second-bucket", await client.GetStringAsync("/storage/v1/b?project=p"));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);
    }

    [Fact]
    public async Task Two_emulators_do_not_share_a_folder()
    {
        using var folder = new TempFolder();
        await using var first = await Emulator.StartOnAsync(folder);
        Assert.Contains("--data", (await Assert.ThrowsAsync<OptionException>(() => Emulator.StartOnAsync(folder))).Message);
    }

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        using var folder = new TempFolder();
        string before;
        await using (var emulator = await Emulator.StartOnAsync(folder))
        {
            using var stored =
                await emulator.MultipartAsync("a/b", Sample.Bytes(1000), resource: new { name = "a/b", metadata = new { k = "v" } });
            before = Stable(await Emulator.JsonAsync(stored));
        }
        await using (var emulator = await Emulator.StartOnAsync(folder))
        {
            Assert.Equal(before, Stable(await emulator.GetJsonAsync(Emulator.ObjectUri("a/b"))));
            var next = await emulator.StoreAsync("a/b", [1]);
            Assert.True(string.CompareOrdinal(next.GetProperty("generation").GetString(),
                System.Text.Json.JsonDocument.Parse(before).RootElement.GetProperty("generation").GetString()) > 0);
        }

        // The links hold the port, which is another one after the restart.
        static string Stable(System.Text.Json.JsonElement resource) =>
            System.Text.RegularExpressions.Regex.Replace(resource.GetRawText(), @"127\.0\.0\.1:\d+", "host");
    }

    [Fact]
    public async Task A_killed_emulator_leaves_every_object_old_or_new()
    {
        using var folder = new TempFolder();
        var acknowledged = new int[8];
        for (var round = 0; round < 3; round++)
        {
            await using (var process = await StartAsync(folder))
            {
                using var client = await ClientAsync(process);
                using var stop = new CancellationTokenSource();
                var start = acknowledged.ToArray();
                var writers = Enumerable.Range(0, acknowledged.Length)
                    .Select(i => WriteUntilKilledAsync(client, i, acknowledged, stop.Token)).ToArray();
                await Until.TrueAsync(() => acknowledged.Zip(start).All(pair => pair.First > pair.Second + 2));
                await process.SignalAsync("KILL");
                await process.WaitForExitAsync();
                await stop.CancelAsync();
                await Task.WhenAll(writers);
            }
            await using (var emulator = await Emulator.StartOnAsync(folder, "--bucket", "other"))
            {
                for (var i = 0; i < acknowledged.Length; i++) await AssertWholeAsync(emulator, i, acknowledged[i]);
                Assert.Equal(acknowledged.Length, emulator.Files().Length);
                Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "uploads")));
            }
        }
    }

    private static async Task AssertWholeAsync(Emulator emulator, int i, int acknowledged)
    {
        using var download = await emulator.DownloadAsync($"folder/{i}");
        var bytes = await download.Content.ReadAsByteArrayAsync();
        var version = int.Parse(Assert.Single(download.Headers.GetValues("x-goog-meta-version")));
        Assert.InRange(version, acknowledged, acknowledged + 1);
        Assert.Equal(Sample.Bytes(40_000 + version, version), bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("folder", $"{i}")));
        using var whole = new HttpRequestMessage(HttpMethod.Put, $"/demo/folder/{i}") { Content = new ByteArrayContent(bytes) };
        whole.Headers.Add("x-goog-hash", download.Headers.GetValues("x-goog-hash"));
        whole.Headers.Add("x-goog-meta-version", $"{version}");
        using var again = await emulator.Client.SendAsync(whole);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static async Task WriteUntilKilledAsync(HttpClient client, int i, int[] acknowledged, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var version = acknowledged[i] + 1;
                using var put = new HttpRequestMessage(HttpMethod.Put,
                    $"/demo/folder/{i}") { Content = new ByteArrayContent(Sample.Bytes(40_000 + version, version)) };
                put.Headers.Add("x-goog-meta-version", $"{version}");
                using var response = await client.SendAsync(put, stop);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Volatile.Write(ref acknowledged[i], version);
            }
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            // The server was killed: that is the test.
        }
    }

    private static Task<WatchedProcess> StartAsync(TempFolder folder) => WatchedProcess.StartAsync(
        Path.Combine(folder.Path, $"log-{Guid.NewGuid():N}"), new Dictionary<string, string>(), "dotnet", Dll, "--urls",
        "http://127.0.0.1:0", "--data", folder.Path, "--bucket", "demo");

    private static async Task<HttpClient> ClientAsync(WatchedProcess process)
    {
        Uri? address = null;
        await Until.TrueAsync(() =>
        {
            var printed = File.ReadAllText(process.LogPath);
            Assert.True(process.IsRunning, printed);
            address = Listening.AddressIn(printed);
            return address is not null;
        });
        return new HttpClient { BaseAddress = address };
    }
}
