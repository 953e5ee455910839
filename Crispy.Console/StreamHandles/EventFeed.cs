namespace Crispy.Console.StreamHandles;

/// <summary>The events of one stream-handle, open. One that says nothing for too long counts as away: reading then ends with an
/// <see cref="OperationCanceledException"/>.</summary>
public sealed class EventFeed : IAsyncDisposable
{
    // The server writes a comment every 15 s: a feed that is silent for three of them is dead.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    private readonly CancellationTokenSource _silence, _either;
    private HttpResponseMessage? _answer;

    private EventFeed(TimeProvider clock, CancellationToken stop)
    {
        _silence = new(Silence, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(stop, _silence.Token);
    }

    /// <summary>What it says, as <c>text/event-stream</c>.</summary>
    public Stream Body { get; private set; } = Stream.Null;

    /// <summary>Cancelled when it fell silent, or reading is to end.</summary>
    public CancellationToken Ended => _either.Token;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="RefusedException">It was refused.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public static async Task<EventFeed> OpenAsync(StreamHandleClient client, Uri streamHandle, TimeProvider clock, CancellationToken stop)
    {
        var feed = new EventFeed(clock, stop);
        try
        {
            feed._answer = await client.OpenEventsAsync(streamHandle, feed.Ended);
            feed.Body = new WatchedStream(await feed._answer.Content.ReadAsStreamAsync(feed.Ended),
                () => feed._silence.CancelAfter(Silence));
            return feed;
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Body.DisposeAsync();
        _answer?.Dispose();
        _either.Dispose();
        _silence.Dispose();
    }
}
