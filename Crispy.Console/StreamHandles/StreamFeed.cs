using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Crispy.Console.StreamHandles;

/// <summary>Keeps the <see cref="KnownStreams"/>: for each stream-handle one list at first, then its events,
/// for as long as it is there. One loop retries.</summary>
public sealed class StreamFeed(StreamHandleDirectory directory, StreamHandleClient client, KnownStreams streams, TimeProvider clock,
    ILogger<StreamFeed> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ListAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var feeds = new Dictionary<Uri, (Task Task, CancellationTokenSource Stop)>();
        try
        {
            while (true)
            {
                foreach (var streamHandle in await FindAsync(stoppingToken))
                {
                    if (feeds.ContainsKey(streamHandle)) continue;
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    feeds[streamHandle] = (FollowAsync(streamHandle, stop.Token), stop);
                }
                foreach (var gone in feeds.Keys.Except(directory.Known).ToList())
                {
                    await EndAsync(feeds[gone]);
                    feeds.Remove(gone);
                }
                streams.Keep(directory.Known);
                await Task.Delay(LookAgain, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            foreach (var feed in feeds.Values) await EndAsync(feed);
        }
    }

    private static async Task EndAsync((Task Task, CancellationTokenSource Stop) feed)
    {
        await feed.Stop.CancelAsync();
        await feed.Task;
        feed.Stop.Dispose();
    }

    private async Task<IReadOnlyList<Uri>> FindAsync(CancellationToken stop)
    {
        try
        {
            return await directory.FindAsync(stop);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return directory.Known; // The name is unknown for a moment: what is known stays.
        }
    }

    private async Task FollowAsync(Uri streamHandle, CancellationToken stop)
    {
        var wait = TimeSpan.FromSeconds(0.5);
        string? told = null;
        // One that starts together with this process is no trouble until it has had the time to.
        var (begun, heard) = (clock.GetTimestamp(), false);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(streamHandle, () => (wait, told, heard) = (TimeSpan.FromSeconds(0.5), null, true), stop);
                continue; // The server ended its answer: ask again.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is RefusedException || StreamHandleClient.IsNoAnswer(failed, stop))
            {
                var error = StreamHandleClient.Reason(failed);
                streams.Miss(streamHandle, error);
                if (error != told && (heard || clock.GetElapsedTime(begun) >= LookAgain))
                    Log.StreamHandleAway(log, streamHandle, told = error);
            }
            await Task.Delay(wait, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    // The events are asked for before the list, so that nothing falls between the two.
    private async Task ReadAsync(Uri streamHandle, Action heard, CancellationToken stop)
    {
        await using var feed = await EventFeed.OpenAsync(client, streamHandle, clock, stop);
        var reports = await client.ListStreamsAsync(streamHandle, feed.Ended);
        streams.Replace(streamHandle, reports);
        Log.StreamHandleFound(log, streamHandle, reports.Count);
        heard();
        var listed = clock.GetTimestamp();
        await foreach (var item in SseParser.Create(feed.Body).EnumerateAsync(feed.Ended))
        {
            Take(streamHandle, item);
            // A removed stream goes without a word once its spool is empty. Something comes every 15 s at least.
            if (clock.GetElapsedTime(listed) < ListAgain) continue;
            streams.Replace(streamHandle, await client.ListStreamsAsync(streamHandle, feed.Ended));
            listed = clock.GetTimestamp();
        }
    }

    private void Take(Uri streamHandle, SseItem<string> item)
    {
        try
        {
            switch (item.EventType)
            {
                case "stream" when JsonSerializer.Deserialize<StreamReport>(item.Data, ApiJson.Options) is { } report:
                    streams.Put(streamHandle, report);
                    break;
                case "removed" when JsonSerializer.Deserialize<RemovedEvent>(item.Data, ApiJson.Options) is { } removed:
                    streams.Remove(streamHandle, removed.Id);
                    break;
                case "chunk" when JsonSerializer.Deserialize<ChunkEvent>(item.Data, ApiJson.Options) is { } chunk:
                    streams.Put(chunk);
                    break;
            }
        }
        catch (JsonException unreadable)
        {
            Log.UnreadableEvent(log, streamHandle, unreadable.Message);
        }
    }
}
