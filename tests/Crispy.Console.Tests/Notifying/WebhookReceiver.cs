using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests.Notifying;

/// <summary>What a receiver was sent.</summary>
public sealed record Received(string Path, string? Id, string? Timestamp, string? Signature, string? ContentType, string? Authorization,
    string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Type => (string?)Json["type"];

    public string? Key => (string?)Json["data"]?["key"];

    public string? Text => (string?)Json["data"]?["text"];

    /// <summary>Whether the signature is that of the specification, computed here from its own words.</summary>
    public bool IsSignedBy(string secret)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var signature = hmac.ComputeHash(Encoding.UTF8.GetBytes(Id + "." + Timestamp + "." + Body));
        return Signature!.Split(' ').Contains("v1," + Convert.ToBase64String(signature));
    }
}

/// <summary>Somebody's webhook: a real server on this machine.</summary>
public sealed class WebhookReceiver(WebApplication app) : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> _all = new();

    /// <summary>All that it was sent, in order.</summary>
    public IReadOnlyList<Received> All => [.. _all];

    /// <summary>Its address.</summary>
    public string Address => app.Urls.First().TrimEnd('/');

    /// <summary>What it answers, told what it was sent.</summary>
    public Func<Received, HttpContext, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<WebhookReceiver> StartAsync(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={address}"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Answers with a status.</summary>
    public void AnswerWith(int status) => Answer = (_, context) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var headers = context.Request.Headers;
        var received = new Received(context.Request.Path + context.Request.QueryString, headers["webhook-id"], headers["webhook-timestamp"],
            headers["webhook-signature"],
            context.Request.ContentType, headers.Authorization, await reader.ReadToEndAsync());
        _all.Enqueue(received);
        await Answer(received, context);
    }
}
