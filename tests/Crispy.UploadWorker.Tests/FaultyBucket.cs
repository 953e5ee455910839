using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crispy.UploadWorker.Tests;

/// <summary>A stored object: its resource as the bucket answers it, and its bytes.</summary>
internal sealed record BucketObject(JsonObject Resource, byte[] Bytes);

/// <summary>A bucket that can be made to fail in any way. It speaks the requests that the worker sends, over real HTTP, and asks a hook
/// before and after each.</summary>
internal sealed class FaultyBucket : IAsyncDisposable
{
    public const string Name = "crispy-test";

    private readonly WebApplication _app;
    private long _generation = 1_764_000_000_000_000;

    private FaultyBucket(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, BucketObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Every upload request that reached the bucket with its whole head, by its query.</summary>
    public ConcurrentQueue<string> Uploads { get; } = new();

    /// <summary>Every request that began an upload in several requests, which stores nothing by itself.</summary>
    public ConcurrentQueue<string> Probes { get; } = new();

    /// <summary>Asked before an upload's body is read: true when it has answered itself.</summary>
    public Func<HttpContext, Task<bool>> BeforeUpload { get; set; } = _ => Task.FromResult(false);

    /// <summary>Whether <see cref="BeforeUpload"/> is asked before a probe too; otherwise probes pass,
    /// and uploads can be counted.</summary>
    public bool ProbesFareAlike { get; set; }

    /// <summary>Asked before an object is described: true when it has answered itself.</summary>
    public Func<HttpContext, Task<bool>> BeforeFind { get; set; } = _ => Task.FromResult(false);

    /// <summary>Asked once an upload is stored, before the answer: true when it has answered itself.</summary>
    public Func<HttpContext, Task<bool>> AfterStore { get; set; } = _ => Task.FromResult(false);

    /// <summary>Whether a CRC32C that was promised is checked, and the right one answered.</summary>
    public bool HonestChecksums { get; set; } = true;

    public string BaseUri => _app.Urls.First() + "/storage/v1/";

    public static async Task<FaultyBucket> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var bucket = new FaultyBucket(app);
        app.MapPost("/upload/storage/v1/b/{bucket}/o", bucket.UploadAsync);
        app.MapGet("/storage/v1/b/{bucket}/o/{name}", async (HttpContext context, string name) =>
        {
            if (await bucket.BeforeFind(context)) return;
            var answer = bucket.Objects.TryGetValue(Uri.UnescapeDataString(name), out var found)
                ? Results.Content(found.Resource.ToJsonString(), "application/json")
                : Error(404, "No such object");
            await answer.ExecuteAsync(context);
        });
        app.MapDelete("/upload/storage/v1/b/{bucket}/o", () => Results.StatusCode(499));
        app.MapGet("/storage/v1/b/{bucket}",
            (string bucket) => bucket == Name ? Results.Json(new { name = bucket }) : Error(404, "The specified bucket does not exist."));
        app.MapDelete("/storage/v1/b/{bucket}/o/{name}", (string name, string generation) =>
            bucket.Objects.TryGetValue(Uri.UnescapeDataString(name), out var found) && (string?)found.Resource["generation"] == generation
                && bucket.Objects.TryRemove(Uri.UnescapeDataString(name), out _) ? Results.NoContent() : Error(404, "No such object"));
        await app.StartAsync();
        return bucket;
    }

    /// <summary>Answers as Cloud Storage answers a failure.</summary>
    public static async Task<bool> AnswerAsync(HttpContext context, int status, string message = "as told",
        string? retryAfter = null, string reason = "test")
    {
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        await Drain(context);
        if (status == StatusCodes.Status304NotModified) context.Response.StatusCode = status; // which has no body
        else await Error(status, message, reason).ExecuteAsync(context);
        return true;
    }

    /// <summary>Stores an object without a request.</summary>
    public BucketObject Put(string name, byte[] bytes)
    {
        var stored = new BucketObject(new() { ["name"] = name, ["generation"] = NextGeneration(), ["crc32c"] = Crc32C(bytes) }, bytes);
        return Objects[name] = stored;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task UploadAsync(HttpContext context)
    {
        var isProbe = context.Request.Query["uploadType"] == "resumable";
        (isProbe ? Probes : Uploads).Enqueue(context.Request.QueryString.Value ?? "");
        if ((!isProbe || ProbesFareAlike) && await BeforeUpload(context)) return;
        if (isProbe)
        {
            context.Response.Headers.Location = $"http://{context.Request.Host}{context.Request.Path}?uploadType=resumable&upload_id=1";
            return;
        }
        var (resource, bytes) = await ReadAsync(context);
        var name = (string)resource["name"]!;
        if (HonestChecksums && (string?)resource["crc32c"] != Crc32C(bytes))
        {
            await AnswerAsync(context, 400,
                $"Provided CRC32C \"{resource["crc32c"]}\" doesn't match calculated CRC32C \"{Crc32C(bytes)}\".");
            return;
        }
        resource["crc32c"] = HonestChecksums ? Crc32C(bytes) : "AAAAAA==";
        resource["generation"] = NextGeneration();
        if (context.Request.Query["ifGenerationMatch"] != "0" || !Objects.TryAdd(name, new(resource, bytes)))
        {
            await AnswerAsync(context, 412, "At least one of the pre-conditions you specified did not hold.");
            return;
        }
        if (await AfterStore(context)) return;
        await Results.Content(resource.ToJsonString(), "application/json").ExecuteAsync(context);
    }

    private string NextGeneration() => Interlocked.Increment(ref _generation).ToString(CultureInfo.InvariantCulture);

    private static async Task<(JsonObject Resource, byte[] Bytes)> ReadAsync(HttpContext context)
    {
        var type = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        Assert.Equal("multipart/related", type.MediaType);
        Assert.NotNull(context.Request.ContentLength);
        var reader = new MultipartReader(type.Parameters.Single(one => one.Name == "boundary").Value!.Trim('"'), context.Request.Body);
        var json = await reader.ReadNextSectionAsync() ?? throw new IOException("no first part");
        var resource = await JsonSerializer.DeserializeAsync<JsonObject>(json.Body) ?? throw new IOException("no resource");
        var media = await reader.ReadNextSectionAsync() ?? throw new IOException("no second part");
        using var bytes = new MemoryStream();
        await media.Body.CopyToAsync(bytes);
        Assert.Null(await reader.ReadNextSectionAsync());
        Assert.Equal(media.ContentType, (string?)resource["contentType"]);
        return (resource, bytes.ToArray());
    }

    private static async Task Drain(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
    }

    private static IResult Error(int status, string message, string reason = "test") =>
        Results.Json(new { error = new { code = status, message, errors = new[] { new { message, domain = "global", reason } } } },
            statusCode: status);

    /// <summary>Bit by bit (reflected polynomial 0x82F63B78), as a check on the product's own.</summary>
    private static string Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }
        crc = ~crc;
        return Convert.ToBase64String([(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
    }
}
