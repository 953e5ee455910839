namespace Crispy.StreamHandle.Segmenting;

/// <summary>Runs all streams side by side.</summary>
public sealed class StreamSupervisor(Settings settings, StreamParts parts) : BackgroundService
{
    /// <summary>The streams, in the order of the configuration.</summary>
    public IReadOnlyList<StreamRunner> Streams { get; } = [.. settings.Streams.Select(options => new StreamRunner(options, parts))];

    /// <summary>When the streams were started, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = parts.Clock.GetUtcNow();

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        parts.HasLive = () => Streams.Any(stream => !stream.Status.IsFinite);
        Log.Started(parts.Log, Streams.Count, settings.Spool.Name, settings.Spool.Path, parts.Signer.KeyId, parts.Ffmpeg.Launcher.BindsLifetimes);
        if (Streams.Count == 0) Log.NoStreams(parts.Log);
        await Task.WhenAll(Streams.Select(stream => Task.Run(() => stream.RunAsync(stoppingToken), CancellationToken.None)));
    }

    /// <summary>Asks all streams to close their last chunk, waits for it, and then until the broker has confirmed it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (parts.Publisher is { Trouble: null, IsIdle: false } && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(10), parts.Clock, CancellationToken.None);
        if (!parts.Publisher.IsIdle) Log.StopIncomplete(parts.Log);
    }
}
