using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Crispy.Console.Recorders;

/// <summary>Keeps the <see cref="Fleet"/>: for each stream-handle one list at first, then its events, for as long as it is there. One loop retries.</summary>
public sealed class FleetFeed(RecorderDirectory directory, RecorderClient client, Fleet fleet, TimeProvider clock, ILogger<FleetFeed> log) : BackgroundService
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
                foreach (var recorder in await FindAsync(stoppingToken))
                {
                    if (feeds.ContainsKey(recorder)) continue;
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    feeds[recorder] = (FollowAsync(recorder, stop.Token), stop);
                }
                foreach (var gone in feeds.Keys.Except(directory.Known).ToList())
                {
                    await EndAsync(feeds[gone]);
                    feeds.Remove(gone);
                }
                fleet.Keep(directory.Known);
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

    private async Task FollowAsync(Uri recorder, CancellationToken stop)
    {
        var wait = TimeSpan.FromSeconds(0.5);
        string? told = null;
        // One that starts together with this process is no trouble until it has had the time to.
        var (begun, heard) = (clock.GetTimestamp(), false);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(recorder, () => (wait, told, heard) = (TimeSpan.FromSeconds(0.5), null, true), stop);
                continue; // The server ended its answer: ask again.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is RecorderException || RecorderClient.IsNoAnswer(failed, stop))
            {
                var error = RecorderClient.Reason(failed);
                fleet.Miss(recorder, error);
                if (error != told && (heard || clock.GetElapsedTime(begun) >= LookAgain)) Log.RecorderAway(log, recorder, told = error);
            }
            await Task.Delay(wait, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    // The events are asked for before the list, so that nothing falls between the two.
    private async Task ReadAsync(Uri recorder, Action heard, CancellationToken stop)
    {
        await using var feed = await EventFeed.OpenAsync(client, recorder, clock, stop);
        var reports = await client.ListStreamsAsync(recorder, feed.Ended);
        fleet.Replace(recorder, reports);
        Log.RecorderFound(log, recorder, reports.Count);
        heard();
        var listed = clock.GetTimestamp();
        await foreach (var item in SseParser.Create(feed.Body).EnumerateAsync(feed.Ended))
        {
            Take(recorder, item);
            // A removed stream goes without a word once its spool is empty. Something comes every 15 s at least.
            if (clock.GetElapsedTime(listed) < ListAgain) continue;
            fleet.Replace(recorder, await client.ListStreamsAsync(recorder, feed.Ended));
            listed = clock.GetTimestamp();
        }
    }

    private void Take(Uri recorder, SseItem<string> item)
    {
        try
        {
            switch (item.EventType)
            {
                case "stream" when JsonSerializer.Deserialize<StreamReport>(item.Data, RecorderJson.Options) is { } report:
                    fleet.Put(recorder, report);
                    break;
                case "removed" when JsonSerializer.Deserialize<RemovedEvent>(item.Data, RecorderJson.Options) is { } removed:
                    fleet.Remove(recorder, removed.Id);
                    break;
                case "chunk" when JsonSerializer.Deserialize<ChunkEvent>(item.Data, RecorderJson.Options) is { } chunk:
                    fleet.Put(chunk);
                    break;
            }
        }
        catch (JsonException unreadable)
        {
            Log.UnreadableEvent(log, recorder, unreadable.Message);
        }
    }
}
