using System.Net.Http.Json;
using System.Text.Json;
using Crispy.AppHost.Showing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Crispy.AppHost;

/// <summary>Watches a run: shows what it does, and ends it when something cannot be started. With --once it ends it too when every finite
/// source is at its end, and every chunk stored and logged.</summary>
/// <param name="app">The application.</param>
/// <param name="status">stream-handle.</param>
/// <param name="screen">Where it is shown.</param>
/// <param name="book">The resources.</param>
/// <param name="addresses">What people are told when the console answers.</param>
/// <param name="log">The lines of chunk-logger.</param>
/// <param name="logPath">The file with what all processes print.</param>
/// <param name="progress">How far the files are, with --once; null without.</param>
internal sealed class Watch(
    DistributedApplication app, EndpointReference status, RunScreen screen, ResourceBook book, Addresses addresses, LogTail log,
    string logPath, FileProgress? progress) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // A terminal's bars move; lines of text are for logs.
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(0.5), PlainInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Stalled = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Unreachable = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _over = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly TimeProvider _time = TimeProvider.System;
    private RunTotals _totals = new(0, 0, 0, 0, 0, 0, 0, 0);
    private string? _failure;

    /// <summary>Runs the application to its end.</summary>
    /// <returns>0; with --once only when nothing was lost, dead or unlogged.</returns>
    public async Task<int> RunAsync()
    {
        using var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(Stop);
        var watching = Task.WhenAll(SuperviseAsync(), KeepBookAsync(), progress is null ? AttendAsync() : WatchProgressAsync(progress));
        try
        {
            await app.RunAsync(_over.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Ended while it was still starting.
        }
        catch (Exception refused)
            when (refused is DistributedApplicationException or InvalidOperationException or IOException or AggregateException)
        {
            _failure ??= (refused as AggregateException)?.InnerException?.Message ?? refused.Message;
        }
        await _over.CancelAsync();
        await watching;
        screen.Show([]);
        if (_failure is not null)
        {
            screen.Complain(_failure);
            screen.Complain($"what all processes said is in {logPath}");
        }
        if (progress is not null) screen.Say(_totals.ToString());
        return _failure is null && (progress is null || _totals is { IsComplete: true, Chunks: > 0 }) ? 0 : 1;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _over.Dispose();
        _http.Dispose();
    }

    private void Stop()
    {
        _over.Cancel();
        screen.Show([]);
        if (progress is null) screen.Say("Stopping: what has begun is finished first.");
    }

    private async Task KeepBookAsync()
    {
        try
        {
            await book.KeepAsync(_over.Token);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private Task AttendAsync() => new Attendance(screen, book, _ => ReadStatusAsync(), addresses, _time).ShowAsync(_over.Token);

    private async Task SuperviseAsync()
    {
        try
        {
            await FailAsync(await new Supervisor(app.Services, screen, attended: progress is null).WatchAsync(_over.Token));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task WatchProgressAsync(FileProgress files)
    {
        try
        {
            screen.Say("Starting ...");
            var measuring = screen.IsTerminal ? files.MeasureAsync(_over.Token) : Task.CompletedTask;
            var (lastProgress, lastShown) = (_time.GetTimestamp(), _time.GetTimestamp());
            while (true)
            {
                await Task.Delay(Interval, _time, _over.Token);
                if (await ReadStatusAsync() is not { } now)
                {
                    ShowStart(ref lastShown);
                    continue;
                }
                var before = _totals;
                _totals = RunTotals.Of(now, log.Chunks, Elapsed(now));
                if (_totals with { Seconds = 0 } != before with { Seconds = 0 }) lastProgress = _time.GetTimestamp();
                if (_time.GetElapsedTime(lastShown) >= (screen.IsTerminal ? ProgressInterval : PlainInterval))
                {
                    if (screen.IsTerminal) screen.Show([.. files.Lines(now, screen.Columns, screen.Rows - 1), _totals.ToString()]);
                    else screen.Say($"progress: {_totals}");
                    lastShown = _time.GetTimestamp();
                }
                if (await IsOverAsync(now, lastProgress)) break;
            }
            await measuring;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C.
        }
    }

    private void ShowStart(ref long lastShown)
    {
        var what = book.Awaited is { Count: > 0 } awaited ? $"Waiting for {string.Join(", ", awaited)} ..." : "Starting ...";
        screen.Show([what]);
        if (screen.IsTerminal || _time.GetElapsedTime(lastShown) < PlainInterval) return;
        screen.Say(what);
        lastShown = _time.GetTimestamp();
    }

    private async Task<bool> IsOverAsync(RunStatus now, long lastProgress)
    {
        if (now.Streams.FirstOrDefault(stream => stream.State == "failed") is { } failed && now.Streams.All(stream => stream.IsOver))
            _failure ??= $"stream {failed.Id}: {failed.Error}";
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
    private TimeSpan Elapsed(RunStatus now) => (log.Newest ?? _time.GetUtcNow()) - now.StartedAt;

    private async Task<RunStatus?> ReadStatusAsync()
    {
        try
        {
            if (await status.GetValueAsync(_over.Token) is not { } address) return null;
            var now = await _http.GetFromJsonAsync<RunStatus>(new Uri(new(address), "/api/status"), JsonSerializerOptions.Web, _over.Token);
            log.Read();
            return now;
        }
        catch (Exception notYet)
            when (notYet is HttpRequestException or IOException || (notYet is TaskCanceledException && !_over.IsCancellationRequested))
        {
            return null;
        }
    }
}
