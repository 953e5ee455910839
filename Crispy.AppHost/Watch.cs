using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Crispy.AppHost;

/// <summary>Watches a run: ends it when something cannot be started, and with --once when every finite source is at its end and every chunk is stored and logged.</summary>
public sealed class Watch(DistributedApplication app, EndpointReference status, string logFile, bool once) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stalled = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Unreachable = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _over = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly LogTail _log = new(logFile);
    private readonly TimeProvider _time = TimeProvider.System;
    private RunTotals _totals = new(0, 0, 0, 0, 0, 0, 0, 0);
    private string? _failure;

    /// <summary>Runs the application to its end.</summary>
    /// <returns>0; with --once only when nothing was lost, dead or unlogged.</returns>
    public async Task<int> RunAsync()
    {
        using var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(_over.Cancel);
        var watching = Task.WhenAll(SuperviseAsync(), once ? WatchProgressAsync() : Task.CompletedTask);
        try
        {
            await app.RunAsync(_over.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Ended while it was still starting.
        }
        catch (Exception refused) when (refused is DistributedApplicationException or InvalidOperationException or IOException or AggregateException)
        {
            _failure ??= (refused as AggregateException)?.InnerException?.Message ?? refused.Message;
        }
        await _over.CancelAsync();
        await watching;
        if (_failure is not null) Console.Error.WriteLine($"crispy: {_failure}");
        if (once) Console.Out.WriteLine(_totals);
        return _failure is null && (!once || _totals is { IsComplete: true, Chunks: > 0 }) ? 0 : 1;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _over.Dispose();
        _http.Dispose();
    }

    private async Task SuperviseAsync()
    {
        try
        {
            await FailAsync(await new Supervisor(app.Services, attended: !once).WatchAsync(_over.Token));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task WatchProgressAsync()
    {
        try
        {
            var (lastProgress, lastPrinted) = (_time.GetTimestamp(), 0L);
            while (true)
            {
                await Task.Delay(Interval, _time, _over.Token);
                if (await ReadStatusAsync() is not { } now) continue;
                var before = _totals;
                _totals = RunTotals.Of(now, _log.Chunks, Elapsed(now));
                if (_totals with { Seconds = 0 } != before with { Seconds = 0 }) lastProgress = _time.GetTimestamp();
                if (_time.GetElapsedTime(lastPrinted) >= ProgressInterval)
                {
                    Console.Out.WriteLine($"progress: {_totals}");
                    lastPrinted = _time.GetTimestamp();
                }
                if (await IsOverAsync(now, lastProgress)) return;
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C.
        }
    }

    private async Task<bool> IsOverAsync(RunStatus now, long lastProgress)
    {
        if (now.Streams.FirstOrDefault(stream => stream.State == "failed") is { } failed && now.Streams.All(stream => stream.IsOver)) _failure ??= $"stream {failed.Id}: {failed.Error}";
        if (now.Streams.FirstOrDefault(stream => stream.State == "backoff" && stream.Captured.Chunks == 0) is { } away
            && _time.GetUtcNow() - now.StartedAt > Unreachable) return await FailAsync($"stream {away.Id}: {away.Error}");
        if (_time.GetElapsedTime(lastProgress) > Stalled) return await FailAsync($"nothing moved for {Stalled.TotalMinutes} minutes");
        if (!now.Ended || _totals.Stored + _totals.Dead + _totals.Lost < _totals.Chunks || _totals.Logged < _totals.Stored) return false;
        await _over.CancelAsync();
        return true;
    }

    private async Task<bool> FailAsync(string why)
    {
        _failure ??= why;
        await _over.CancelAsync();
        return true;
    }

    // From the first stream's start to the last log entry, however long the parts took to start and stop.
    private TimeSpan Elapsed(RunStatus now) => (_log.Newest ?? _time.GetUtcNow()) - now.StartedAt;

    private async Task<RunStatus?> ReadStatusAsync()
    {
        try
        {
            if (await status.GetValueAsync(_over.Token) is not { } address) return null;
            var now = await _http.GetFromJsonAsync<RunStatus>(new Uri(new(address), "/api/status"), JsonSerializerOptions.Web, _over.Token);
            _log.Read();
            return now;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or IOException || (notYet is TaskCanceledException && !_over.IsCancellationRequested))
        {
            return null;
        }
    }
}
