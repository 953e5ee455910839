using System.Text;
using Crispy.Console.Recorders;

namespace Crispy.Console.Forwarding;

/// <summary><c>GET /api/events</c> of several stream-handles as one. With a single one its answer is passed on untouched.</summary>
public sealed class MergedEvents(ApiForwarder forwarder, RecorderDirectory directory, RecorderClient client)
{
    /// <summary>Copies events, whole ones, until the client goes or a stream-handle does: the client then asks anew, as it does of a single one.</summary>
    public async Task CopyAsync(HttpContext context)
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
        var copies = all.Select(recorder => CopyAsync(recorder, context.Response, turn, stop.Token)).ToList();
        await Task.WhenAny(copies);
        await stop.CancelAsync();
        await Task.WhenAll(copies);
    }

    private async Task CopyAsync(Uri recorder, HttpResponse response, SemaphoreSlim turn, CancellationToken stop)
    {
        try
        {
            using var answer = await client.OpenEventsAsync(recorder, stop);
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(stop));
            var text = new StringBuilder();
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                text.Append(line).Append('\n');
                if (line.Length > 0) continue;
                await WriteAsync(response, text.ToString(), turn, stop);
                text.Clear();
            }
        }
        catch (Exception over) when (over is OperationCanceledException or HttpRequestException or IOException or RecorderException)
        {
            // Ends the whole answer: half of the events would look like all of them.
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, SemaphoreSlim turn, CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        try
        {
            await response.WriteAsync(text, stop);
            await response.Body.FlushAsync(stop);
        }
        finally
        {
            turn.Release();
        }
    }
}
