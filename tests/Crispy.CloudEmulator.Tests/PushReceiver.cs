using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.CloudEmulator.Tests;

/// <summary>A server that takes pushed events, or refuses them when told to.</summary>
internal sealed class PushReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _refusals;

    private PushReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<string> Received { get; } = [];

    public string Url => _app.Urls.First() + "/push";

    public static async Task<PushReceiver> StartAsync(string url = "http://127.0.0.1:0", int refusals = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new PushReceiver(app) { _refusals = refusals };
        app.Urls.Add(url);
        app.MapPost("/push", (RequestDelegate)receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (Interlocked.Decrement(ref _refusals) >= 0)
        {
            context.Response.StatusCode = 503;
            return;
        }
        Received.Enqueue(body);
        context.Response.StatusCode = 204;
    }
}
