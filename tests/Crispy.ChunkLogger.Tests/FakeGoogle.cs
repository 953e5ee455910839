using System.Collections.Concurrent;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.ChunkLogger.Tests;

/// <summary>What chunk-logger calls besides the bucket, by hand: IAM's signBlob, a Pub/Sub topic,
/// a machine's metadata server and an OTLP collector.</summary>
internal sealed class FakeGoogle : IAsyncDisposable
{
    public const string MachineToken = "token-of-the-machine";

    private static readonly string[] MessageIds = ["1"];

    private readonly WebApplication _app;
    private readonly ServiceAccountCredential _account = CredentialFactory.FromFile<ServiceAccountCredential>(SignerAccount.File);

    private FakeGoogle()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What was posted: path, authorization and body (JSON, where it is).</summary>
    public ConcurrentQueue<(string Path, string Authorization, JsonElement Body)> Posts { get; } = new();

    /// <summary>How the next posts are answered, before all goes well.</summary>
    public ConcurrentQueue<int> Failures { get; } = new();

    /// <summary>The records that the topic has taken.</summary>
    public ConcurrentQueue<(JsonElement Record, Dictionary<string, string> Attributes)> Published { get; } = new();

    /// <summary>Paths at which telemetry arrived.</summary>
    public ConcurrentDictionary<string, int> Telemetry { get; } = new();

    public static async Task<FakeGoogle> StartAsync()
    {
        var fake = new FakeGoogle();
        await fake._app.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await AnswerMetadataAsync(context, path);
            return;
        }
        if (path is "/v1/traces" or "/v1/metrics" or "/v1/logs")
        {
            Telemetry.AddOrUpdate(path, 1, (_, count) => count + 1);
            return;
        }
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        Posts.Enqueue((path, context.Request.Headers.Authorization.ToString(), body.RootElement.Clone()));
        if (Failures.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            if (status == 429) context.Response.Headers.RetryAfter = "1";
            await context.Response.WriteAsJsonAsync(
                new { error = new { code = status, message = $"failure {status} by the test", status = "FAILED" } });
        }
        else if (path.EndsWith(":signBlob", StringComparison.Ordinal))
        {
            await context.Response.WriteAsJsonAsync(
                new { keyId = "1", signedBlob = _account.CreateSignature(body.RootElement.GetProperty("payload").GetBytesFromBase64()) });
        }
        else
        {
            foreach (var message in body.RootElement.GetProperty("messages").EnumerateArray())
            {
                using var record = JsonDocument.Parse(message.GetProperty("data").GetBytesFromBase64());
                Published.Enqueue(
                    (record.RootElement.Clone(), message.GetProperty("attributes").Deserialize<Dictionary<string, string>>()!));
            }
            await context.Response.WriteAsJsonAsync(new { messageIds = MessageIds });
        }
    }

    // https://cloud.google.com/compute/docs/metadata/overview
    private async Task AnswerMetadataAsync(HttpContext context, string path)
    {
        context.Response.Headers["Metadata-Flavor"] = "Google";
        switch (path)
        {
            case "/computeMetadata/v1/instance/service-accounts/default/email":
                await context.Response.WriteAsync(_account.Id);
                break;
            case "/computeMetadata/v1/instance/service-accounts/default/token":
                await context.Response.WriteAsJsonAsync(new { access_token = MachineToken, expires_in = 3600, token_type = "Bearer" });
                break;
            case "/computeMetadata/v1/project/project-id":
                await context.Response.WriteAsync("project-of-the-machine");
                break;
            case "/computeMetadata/v1/universe/universe-domain":
                await context.Response.WriteAsync("googleapis.com");
                break;
        }
    }
}
