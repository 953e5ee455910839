using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Crispy.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests;

/// <summary>A stream-handle that answers as the real one does, of streams and dead chunks that it is given, and remembers what it was
/// asked.</summary>
internal sealed class AnsweringStreamHandle(WebApplication app) : IAsyncDisposable
{
    private readonly List<ChannelWriter<object>> _listeners = [];
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());

    /// <summary>The name of the key that it publishes.</summary>
    public string KeyId => _signer.KeyId;

    public List<string> Posts { get; } = [];

    public List<string> Headers { get; } = [];

    public List<string> Dead { get; } = [];

    public string Address => app.Urls.First().TrimEnd('/');

    public static Task<AnsweringStreamHandle> StartAsync(params string[] streams) => StartAsync(new Uri("http://127.0.0.1:0"), streams);

    public static async Task<AnsweringStreamHandle> StartAsync(Uri address, params string[] streams)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={address}"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var streamHandle = new AnsweringStreamHandle(app);
        app.Use((context, next) =>
        {
            lock (streamHandle.Headers) streamHandle.Headers.Add(context.Request.Headers.Authorization.ToString());
            if (context.Request.Method == "POST") streamHandle.Posts.Add(context.Request.Path);
            return next(context);
        });
        streamHandle.MapStreams(streams);
        streamHandle.MapDead();
        streamHandle.MapKeys();
        app.MapPost("/api/{**rest}", () => new { });
        await app.StartAsync();
        return streamHandle;
    }

    /// <summary>Sends an event of a stream to all who listen.</summary>
    public void Tell(object stream)
    {
        lock (_listeners)
            foreach (var listener in _listeners) listener.TryWrite(stream);
    }

    public Task StopAsync() => app.StopNowAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await app.DisposeAsync();
        _signer.Dispose();
    }

    private void MapStreams(string[] streams)
    {
        var items = streams.Select(id => new { id, state = "running", kind = "live" }).ToList();
        app.MapGet("/api/streams", () => new { total = items.Count, items, next = (string?)null });
        app.MapGet("/api/status", () => new { spooled = streams.Length == 1 ? 3 : 4, streams = items });
        app.MapGet("/api/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            var news = Listen();
            foreach (var item in items) await WriteAsync(item);
            await foreach (var item in news.ReadAllAsync(context.RequestAborted)) await WriteAsync(item);

            async Task WriteAsync(object item)
            {
                await context.Response.WriteAsync($"event: stream\ndata: {JsonSerializer.Serialize(item)}\n\n");
                await context.Response.Body.FlushAsync();
            }
        });
    }

    private void MapDead()
    {
        app.MapGet("/api/dead", (int? limit, string? after) => limit == 0 ? Results.Problem("limit is 0", statusCode: 400)
            : Results.Json(
                new { total = Dead.Count, items = Dead.Where(chunk => string.CompareOrdinal(chunk, after) > 0)
                    .Select(chunk => new { chunk, reason = "missing", error = "gone" }) }));
        app.MapGet("/api/dead/{**chunk}",
            (string chunk) => Dead.Contains(Uri.UnescapeDataString(chunk))
                ? Results.Json(new { chunk = Uri.UnescapeDataString(chunk) })
                : Results.NotFound());
        app.MapPost("/api/dead/replay",
            (JsonNode body) =>
                new { results = body["chunks"]!.AsArray().Select(chunk => (string)chunk!)
                    .Select(chunk => Dead.Contains(chunk) ? new { chunk, ok = true, error = (string?)null }
                        : new { chunk, ok = false, error = (string?)"no dead chunk has this id" }) });
    }

    private void MapKeys() =>
        app.MapGet("/.well-known/jwks.json", () =>
        {
            using var key = SigningKey.ReadPublic(_signer.PublicPem)[0];
            return Results.Bytes(JsonWebKeySet.Write([key]), JsonWebKeySet.MediaType);
        });

    private ChannelReader<object> Listen()
    {
        var channel = Channel.CreateUnbounded<object>();
        lock (_listeners) _listeners.Add(channel.Writer);
        return channel.Reader;
    }
}
