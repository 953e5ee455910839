using System.Text.RegularExpressions;
using Crispy.CloudEmulator;
using Crispy.Contracts;
using Crispy.Spool;
using Microsoft.AspNetCore.Builder;

namespace Crispy.StreamHandle.Tests;

/// <summary>stream-handle and upload-workers as processes, with a bucket that keeps what it gets.</summary>
public sealed partial class RollingRestartTests(Servers servers) : IAsyncLifetime
{
    private const string Bucket = "chunks";

    private static readonly string[] Streams = ["gate", "yard", "roof"];
    private readonly TempFolder _folder = new();
    private readonly List<WatchedProcess> _workers = [];
    private WebApplication _emulator = null!;

    public async ValueTask InitializeAsync()
    {
        _emulator = EmulatorApp.Create(["--urls", "http://127.0.0.1:0", "--data", _folder["data"], "--bucket", Bucket]);
        await _emulator.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        await _emulator.StopAsync();
        await _emulator.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Workers_and_stream_handle_are_replaced_one_after_the_other_under_load_and_nothing_is_lost()
    {
        await using var handle = new RunningStreamHandle(servers, [.. Streams.Select(id => new Dictionary<string, string>
        {
            ["Id"] = id, ["Url"] = "demo:?size=160x120&fps=25", ["Window"] = "0.3", ["Mode"] = "transcode",
        })]);
        // The worker comes first: there is neither a spool nor a queue yet.
        await StartWorkerAsync(handle);
        await handle.StartAsync();
        await StoredAsync(3);
        for (var round = 0; round < 2; round++)
        {
            await StopInTimeAsync(handle);
            await handle.StartAsync();
            await StoredAsync(3);
            await StartWorkerAsync(handle);
            var old = _workers[^2];
            await old.SignalAsync(round == 0 ? "TERM" : "KILL");
            await old.WaitForExitAsync();
            await StoredAsync(3);
            var report = await handle.StreamAsync("gate");
            Assert.True(report.Law is { Balance: 0, Lost: 0, Dead: 0 }, $"{report.Law}");
        }
        await StopInTimeAsync(handle);
        try
        {
            await Until.TrueAsync(() => Streams.All(id => !handle.Spool.ReadyManifests(id).Any()), what: "workers empty the spool");
        }
        catch (TimeoutException)
        {
            var left = Streams.SelectMany(handle.Spool.ReadyManifests).Select(Path.GetFileName);
            var logs = Enumerable.Range(0, _workers.Count).Select(index => File.ReadAllText(_folder[$"worker-{index}"]));
            Assert.Fail($"left: {string.Join(' ', left)}\n{handle.Log}\n{string.Join("\n\n", logs)}");
        }

        foreach (var id in Streams)
        {
            var law = handle.LawOf(id);
            Assert.True(law is { Balance: 0, Spooled: 0, Dead: 0, Lost: 0, Captured: > 10 }, $"{id}: {law}");
            var stored = Objects(id).Select(name => ObjectName.TryParse(name, out var parsed) ? parsed.Sequence : -1).Order().ToList();
            Assert.Equal(Enumerable.Range(0, (int)law.Captured).Select(number => (long)number), stored);
        }
    }

    private static async Task StopInTimeAsync(RunningStreamHandle handle)
    {
        await handle.StopAsync();
        Assert.DoesNotContain("Stopped with unconfirmed chunks", handle.Log, StringComparison.Ordinal);
    }

    private Task StoredAsync(int more)
    {
        var before = Objects("").Count;
        return Until.TrueAsync(() => Objects("").Count >= before + more, what: "more chunks are stored");
    }

    private List<string> Objects(string stream)
    {
        var root = _folder["data", "bucket", Bucket];
        var folder = Path.Combine(root, stream);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.mkv", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path))]
            : [];
    }

    private async Task StartWorkerAsync(RunningStreamHandle handle)
    {
        var log = _folder[$"worker-{_workers.Count}"];
        File.WriteAllText(log, "");
        var worker = await WatchedProcess.StartAsync(log, new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["STORAGE_EMULATOR_HOST"] = _emulator.Urls.Single(),
            ["Crispy__Bucket"] = Bucket,
            ["Crispy__Spool__Path"] = handle.Spool.Root,
            ["Crispy__Spool__Name"] = handle.SpoolName,
            ["ConnectionStrings__rabbitmq"] = servers.Rabbit.ConnectionString,
            ["ConnectionStrings__redis"] = servers.Redis.ConnectionString,
        }, "dotnet", Path.Combine(AppContext.BaseDirectory, "Crispy.UploadWorker.dll"));
        _workers.Add(worker);
        await Until.TrueAsync(() => worker.IsRunning ? Consuming()
            .IsMatch(File.ReadAllText(log)) : throw new InvalidOperationException(File.ReadAllText(log)), what: "the worker consumes");
    }

    [GeneratedRegex("Consuming crispy")]
    private static partial Regex Consuming();
}
