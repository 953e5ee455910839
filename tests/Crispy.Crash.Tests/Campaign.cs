using System.Diagnostics;

namespace Crispy.Crash.Tests;

/// <summary>One set of files on its way through the system while its processes die. Each of stream-handle and both workers dies at one step
/// after the other, the servers between them at any instant. Meanwhile somebody publishes what no stream-handle sent.</summary>
internal sealed class Campaign(WholeSystem system, Steps steps, int wanted, HostileBroker hostile)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private volatile bool _over;

    /// <summary>Kills until every file is read, or enough has died; then everything runs.</summary>
    public async Task RunAsync()
    {
        await Task.WhenAll(
            KillStreamHandleAsync(),
            KillServersAsync(),
            KillWorkerAsync(system.Workers[0]),
            KillWorkerAsync(system.Workers[1]),
            hostile.ActAsync(() => _over || Enough));
        foreach (var service in system.Services.Where(service => !service.IsRunning)) await service.StartAsync();
    }

    private bool Enough => _over || (steps.Total >= wanted && steps.Missing.Count == 0);

    private async Task KillStreamHandleAsync()
    {
        while (!Enough)
        {
            var step = steps.Next(Steps.OfStreamHandle);
            await system.StreamHandle.StartAsync(
                $"{step}:{steps.UpTo(step is "manifest-made" or "manifest-pending" or "journal-written" or "manifest-ready" ? 2 : 12)}");
            if (await DiesAsync(system.StreamHandle)) steps.Count(step);
            else break; // all is read: nothing came by there
        }
        _over = true;
        await system.StreamHandle.StartAsync();
    }

    private async Task KillWorkerAsync(Service worker)
    {
        while (!Enough)
        {
            var step = steps.Next(Steps.OfWorker);
            await worker.StartAsync($"{step}:{steps.UpTo(12)}");
            if (await DiesAsync(worker)) steps.Count(step);
        }
        await worker.StartAsync();
    }

    private async Task KillServersAsync()
    {
        while (!Enough)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100 * steps.UpTo(20)), TimeProvider.System, CancellationToken.None);
            var victim = steps.Next(Steps.AtAnyInstant);
            if (Enough || !await KillAsync(victim)) continue;
            steps.Count(victim);
        }
    }

    private async Task<bool> KillAsync(string victim)
    {
        switch (victim)
        {
            case "rabbitmq":
                await system.Rabbit.KillAsync();
                await system.Rabbit.StartAsync();
                return true;
            case "redis":
                await system.Redis.StopAsync();
                await system.Redis.StartAsync();
                return true;
            case "emulator":
                await system.Emulator.StartAsync();
                await system.Emulator.UntilServingAsync();
                return true;
            case "chunk-logger":
                await system.ChunkLogger.StartAsync();
                await system.ChunkLogger.UntilServingAsync();
                return true;
            case "ffmpeg":
                return await SignalAsync(await SegmentersAsync());
            case "stream-handle":
                return await SignalAsync(system.StreamHandle.ProcessId); // its killer sees it and goes on
            default:
                return await SignalAsync(system.Workers[steps.UpTo(system.Workers.Count) - 1].ProcessId);
        }
    }

    private async Task<int> SegmentersAsync()
    {
        var children = (await Command.TryAsync("pgrep", ["-x", "ffmpeg", "-P", $"{system.StreamHandle.ProcessId}"])).Output.Split('\n',
            StringSplitOptions.RemoveEmptyEntries);
        return children.Length == 0 ? 0 : int.Parse(children[steps.UpTo(children.Length) - 1]);
    }

    private static async Task<bool> SignalAsync(int process) =>
        process != 0 && (await Command.TryAsync("kill", ["-s", "KILL", $"{process}"])).ExitCode == 0;

    private async Task<bool> DiesAsync(Service service)
    {
        var begin = Stopwatch.GetTimestamp();
        while (service.IsRunning)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            if (service == system.StreamHandle ? (await system.StatusAsync())?["ended"]?.GetValue<bool>() == true : Enough) return false;
            if (Stopwatch.GetElapsedTime(begin) > Patience) return false;
        }
        return true;
    }
}
