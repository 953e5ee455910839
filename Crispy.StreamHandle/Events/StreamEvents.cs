using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Events;

/// <summary>What happens, for listeners of <c>GET /api/events</c>. While nobody does, telling costs one comparison.
/// Safe for concurrent use.</summary>
public sealed class StreamEvents(TimeProvider clock, ILogger<StreamEvents> log) : IDisposable
{
    /// <summary>Listeners at once at most: each holds a connection, and makes each event be written once more.</summary>
    public const int MaxListeners = 64;

    /// <summary>Events that wait for one listener at most. One that takes no more is let go, since it would be told too late or too
    /// little. All listeners wait for the same events, so memory does not grow with their number.</summary>
    private const int Capacity = 4096;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Listener, bool> _listeners = new();
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _came = new(0);
    private readonly SemaphoreSlim _seats = new(MaxListeners);

    /// <summary>Whether anybody listens.</summary>
    public bool IsWatched => !_listeners.IsEmpty;

    /// <summary>Notes that a stream's report is another one than before.</summary>
    public void Changed(string stream)
    {
        if (IsWatched) _changed[stream] = true;
    }

    /// <summary>Tells that a removed stream is gone.</summary>
    public void Removed(string stream) => Tell("removed", new RemovedEvent(stream), EventJson.Default.RemovedEvent);

    /// <summary>Tells that a chunk lies ready, and is offered to the workers.</summary>
    public void Queued(SpooledChunk chunk)
    {
        if (IsWatched) Tell(chunk.Manifest, ChunkEventState.Queued);
    }

    /// <summary>Tells that a chunk was declared lost.</summary>
    public void Lost(SpooledLoss loss)
    {
        if (IsWatched)
            Tell("chunk", new ChunkEvent(loss.Record.Chunk, loss.Record.Stream, loss.Record.From, loss.Record.To, ChunkEventState.Lost),
                EventJson.Default.ChunkEvent);
    }

    /// <summary>Tells that chunks are stored.</summary>
    /// <param name="manifests">Paths of their manifests, which are about to be deleted.</param>
    public void Stored(IReadOnlyList<string> manifests)
    {
        if (!IsWatched) return;
        foreach (var path in manifests)
            if (SpooledChunk.ManifestOrNull(path) is { } manifest)
            {
                Tell(manifest, ChunkEventState.Stored);
                Changed(manifest.Stream);
            }
    }

    /// <summary>Tells that a chunk is dead.</summary>
    public void Dead(DeadChunk chunk)
    {
        Tell("dead", chunk, EventJson.Default.DeadChunk);
        if (ChunkId.TryParse(chunk.Chunk, out var id))
            Tell("chunk", new ChunkEvent(chunk.Chunk, id.Stream, chunk.From, chunk.To, ChunkEventState.Dead), EventJson.Default.ChunkEvent);
    }

    /// <summary>Tells a stream's report.</summary>
    internal void Report(StreamReport report) => Tell("stream", report, EventJson.Default.StreamReport);

    /// <summary>Streams that changed since the last time.</summary>
    internal IReadOnlyCollection<string> TakeChanged()
    {
        var changed = _changed.Keys.ToList();
        foreach (var stream in changed) _changed.TryRemove(stream, out _);
        return changed;
    }

    /// <summary>Waits until somebody listens.</summary>
    internal async Task UntilWatchedAsync(CancellationToken stopping)
    {
        while (!IsWatched) await _came.WaitAsync(stopping);
    }

    /// <summary>Takes one of the <see cref="MaxListeners"/> places, until it is disposed of; null where all are taken.</summary>
    public IDisposable? TakeSeat() => _seats.Wait(0, CancellationToken.None) ? new Seat(_seats) : null;

    /// <summary>All events from now on, the present state of each stream first, until the listener goes or is too slow. A <c>ping</c> comes
    /// when nothing else is told for 15 s.</summary>
    /// <param name="present">Reads the present state.</param>
    /// <param name="drop">Ends the connection of a listener that is too slow: what was begun for it may never be written.</param>
    /// <param name="cancellation">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> ListenAsync(
        Func<IReadOnlyList<StreamReport>> present, Action drop, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var listener = new Listener(drop);
        _listeners[listener] = true;
        _came.Release();
        try
        {
            foreach (var report in present()) yield return Item("stream", report, EventJson.Default.StreamReport);
            while (await NextAsync(listener, cancellation) is { } item) yield return item;
        }
        finally
        {
            _listeners.TryRemove(listener, out _);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _came.Dispose();
        _seats.Dispose();
    }

    private async Task<SseItem<string>?> NextAsync(Listener listener, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = clock.CreateTimer(_ => limit.Cancel(), null, PingInterval, Timeout.InfiniteTimeSpan);
        try
        {
            return await listener.Events.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new("{}", "ping");
        }
        catch (Exception over) when (over is OperationCanceledException or ChannelClosedException)
        {
            return null;
        }
    }

    private void Tell(ChunkManifest manifest, ChunkEventState state) =>
        Tell("chunk", new ChunkEvent(manifest.Chunk, manifest.Stream, manifest.From, manifest.To, state), EventJson.Default.ChunkEvent);

    private void Tell<T>(string kind, T content, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        if (!IsWatched) return;
        var item = Item(kind, content, type);
        foreach (var listener in _listeners.Keys)
        {
            if (listener.Events.Writer.TryWrite(item) || !_listeners.TryRemove(listener, out _)) continue;
            listener.Events.Writer.TryComplete();
            listener.Drop();
            Log.ListenerTooSlow(log, Capacity);
        }
    }

    private static SseItem<string> Item<T>(string kind, T content, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(content, type), kind);

    private sealed class Listener(Action drop)
    {
        public Action Drop { get; } = drop;

        public Channel<SseItem<string>> Events { get; } = Channel.CreateBounded<SseItem<string>>(Capacity);
    }

    private sealed class Seat(SemaphoreSlim seats) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) seats.Release();
        }
    }
}
