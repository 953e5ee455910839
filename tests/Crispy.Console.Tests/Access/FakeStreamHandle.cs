using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests.Access;

/// <summary>A stream-handle that does all that it is asked, and remembers what that was:
/// a role that does not suffice must not get here.</summary>
internal sealed class FakeStreamHandle(WebApplication app) : IAsyncDisposable
{
    /// <summary>Requests that may change something: <c>POST /api/streams/gate/pause</c>.</summary>
    public ConcurrentQueue<string> Changes { get; } = new();

    /// <summary>Headers of the last of them.</summary>
    public IHeaderDictionary? Headers { get; private set; }

    /// <summary>How it answers what may change something.</summary>
    public int Status { get; set; } = 200;

    public string Address => app.Urls.First().TrimEnd('/');

    public static async Task<FakeStreamHandle> StartAsync(params string[] streams)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var fake = new FakeStreamHandle(app);
        var items = streams.Select(id => new { id, state = "running", kind = "live", origin = "api" }).ToList();
        app.MapGet("/api/streams", () => new { total = items.Count, items, next = (string?)null });
        app.MapGet("/api/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (var item in items)
                await context.Response.WriteAsync($"event: stream\ndata: {System.Text.Json.JsonSerializer.Serialize(item)}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => { }, TaskScheduler.Default);
        });
        app.MapFallback("{**path}", async (HttpContext context) =>
        {
            if (HttpMethods.IsGet(context.Request.Method)) return Results.Json(new { items = Array.Empty<string>() });
            await context.Request.Body.CopyToAsync(Stream.Null);
            fake.Headers = context.Request.Headers;
            fake.Changes.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return Results.Json(new { results = Array.Empty<string>() }, statusCode: fake.Status);
        });
        await app.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }
}
