using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Forwarding;

/// <summary><c>GET /api/events</c> of several stream-handles as one. With a single one its answer is passed on untouched. Where one goes
/// away, the others' events go on, and an event says so: <c>away</c>, with the <c>address</c> and the <c>error</c>. When it is back it
/// begins again, with a <c>stream</c> for each of its streams.</summary>
public sealed class MergedEvents(ApiForwarder forwarder, StreamHandleDirectory directory, StreamHandleClient client, KnownStreams streams,
    TimeProvider clock) : IDisposable
{
    /// <summary>Listeners at once at most: each is one at every stream-handle too, which takes twice as many.</summary>
    public const int MaxListeners = 32;

    /// <summary>How long one event may take to be written. A listener that is slower is let go; nothing is kept for it meanwhile.</summary>
    private static readonly TimeSpan SlowestWrite = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _seats = new(MaxListeners);

    /// <summary>Copies events, whole ones, until the client goes, or there are other stream-handles than at the beginning. It then asks
    /// again, as with a single one.</summary>
    public async Task CopyAsync(HttpContext context)
    {
        if (!_seats.Wait(0, CancellationToken.None))
        {
            await Results.Problem($"{MaxListeners} listen already.", statusCode: StatusCodes.Status429TooManyRequests,
                title: "Too many listeners").ExecuteAsync(context);
            return;
        }
        try
        {
            await CopyAllAsync(context);
        }
        finally
        {
            _seats.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _seats.Dispose();

    private async Task CopyAllAsync(HttpContext context)
    {
        if (directory.Known is not { Count: > 1 } all)
        {
            await forwarder.ForwardAsync(context);
            return;
        }
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        using var turn = new SemaphoreSlim(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var copies = all.Select(streamHandle => FollowAsync(streamHandle, context.Response, turn, stop.Token)).ToList();
        await Task.WhenAny([.. copies, ChangeAsync(all, stop.Token)]);
        await stop.CancelAsync();
        await Task.WhenAll(copies);
    }

    private async Task ChangeAsync(IReadOnlyList<Uri> all, CancellationToken stop)
    {
        while (directory.Known.SequenceEqual(all)) await Task.Delay(LookAgain, clock, stop);
    }

    private async Task FollowAsync(Uri streamHandle, HttpResponse response, SemaphoreSlim turn, CancellationToken stop)
    {
        try
        {
            var (wait, told) = (FirstWait, (string?)null);
            while (true)
            {
                var error = "it ended its answer";
                try
                {
                    await foreach (var text in ReadAsync(streamHandle, stop))
                    {
                        (wait, told) = (FirstWait, null);
                        await WriteAsync(response, text, turn, stop);
                    }
                }
                catch (Exception away) when (away is RefusedException || StreamHandleClient.IsNoAnswer(away, stop))
                {
                    error = StreamHandleClient.Reason(away);
                }
                if (error != told)
                {
                    var data = new JsonObject { ["address"] = StreamHandleClient.Redacted(streamHandle), ["error"] = told = error };
                    await WriteAsync(response, $"event: away\ndata: {data.ToJsonString(JsonSerializerOptions.Web)}\n\n", turn, stop);
                }
                await Task.Delay(wait, clock, stop);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client is gone, or must ask again.
        }
    }

    // Whole events, each with the empty line that ends it.
    private async IAsyncEnumerable<string> ReadAsync(Uri streamHandle,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await using var feed = await EventFeed.OpenAsync(client, streamHandle, clock, stop);
        using var lines = new StreamReader(feed.Body);
        var text = new StringBuilder();
        while (await lines.ReadLineAsync(feed.Ended) is { } line)
        {
            text.Append(line).Append('\n');
            if (line.Length > 0) continue;
            if (!IsOfAnother(streamHandle, text.ToString())) yield return text.ToString();
            text.Clear();
        }
    }

    // Of a stream that several share, the one that records it is believed, as in the lists.
    private bool IsOfAnother(Uri streamHandle, string text)
    {
        const string data = "\ndata:";
        if (!text.StartsWith("event: stream\n", StringComparison.Ordinal) || !text.Contains("standby", StringComparison.Ordinal))
            return false;
        using var report = JsonDocument.Parse(text.AsMemory(text.IndexOf(data, StringComparison.Ordinal) + data.Length));
        return report.RootElement.GetProperty("state").GetString() == "standby"
            && streams.Find(report.RootElement.GetProperty("id").GetString()!) is { } known && known.StreamHandle != streamHandle;
    }

    private async Task WriteAsync(HttpResponse response, string text, SemaphoreSlim turn, CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        try
        {
            await using var limit = clock.CreateTimer(_ => response.HttpContext.Abort(), null, SlowestWrite, Timeout.InfiniteTimeSpan);
            await response.WriteAsync(text, stop);
            await response.Body.FlushAsync(stop);
        }
        finally
        {
            turn.Release();
        }
    }
}
