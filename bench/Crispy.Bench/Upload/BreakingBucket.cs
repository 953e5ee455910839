using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Bench.Upload;

/// <summary>A bucket behind a link of limited speed whose connections break after numbers of bytes that chance determines. One upload at a
/// time.</summary>
internal sealed class BreakingBucket : IAsyncDisposable
{
    // What Cloud Storage keeps of an interrupted upload is a multiple of this.
    private const int Kept = 256 * 1024;

    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly WebApplication _app;
    private readonly double _bytesPerSecond;
    private readonly TimeSpan _answer;
    private Random _random = new(0);
    private double _meanBytes;
    private double _untilBreak = double.PositiveInfinity;
    private long _persisted;

    private BreakingBucket(WebApplication app, double bytesPerSecond, TimeSpan answer) =>
        (_app, _bytesPerSecond, _answer) = (app, bytesPerSecond, answer);

    public string Address => _app.Urls.First();

    public static async Task<BreakingBucket> StartAsync(double bytesPerSecond, TimeSpan answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
            (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MinRequestBodyDataRate) = (null, null));
        var app = builder.Build();
        var bucket = new BreakingBucket(app, bytesPerSecond, answer);
        app.Run(bucket.HandleAsync);
        await app.StartAsync();
        return bucket;
    }

    /// <summary>From now on connections break, at distances of this mean (exponentially distributed); 0 for never.</summary>
    public void BreakEvery(double meanBytes, int seed)
    {
        (_meanBytes, _random) = (meanBytes, new(seed));
        _untilBreak = NextBreak();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private double NextBreak() => _meanBytes > 0 ? -Math.Log(1 - _random.NextDouble()) * _meanBytes : double.PositiveInfinity;

    private async Task HandleAsync(HttpContext context)
    {
        var range = context.Request.Headers.ContentRange.ToString();
        var resumable = context.Request.Method == HttpMethods.Put;
        var asksOnly = range.StartsWith("bytes */", StringComparison.Ordinal);
        var offset = resumable && !asksOnly
            ? long.Parse(range["bytes ".Length..range.IndexOf('-', StringComparison.Ordinal)], CultureInfo.InvariantCulture) : 0;
        if (!asksOnly && !await ReceiveAsync(context, offset, resumable)) return;
        await Task.Delay(_answer, Clock);
        if (asksOnly)
        {
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            if (_persisted > 0) context.Response.Headers.Range = $"bytes=0-{_persisted - 1}";
        }
        else if (!resumable && context.Request.Query["uploadType"] == "resumable")
        {
            _persisted = 0;
            context.Response.Headers.Location = $"{Address}/session";
        }
    }

    // False where the connection broke.
    private async Task<bool> ReceiveAsync(HttpContext context, long offset, bool resumable)
    {
        var begin = Clock.GetTimestamp();
        var buffer = new byte[64 * 1024];
        for (long received = 0; await context.Request.Body.ReadAsync(buffer) is > 0 and var read;)
        {
            received += read;
            var ahead = TimeSpan.FromSeconds(received / _bytesPerSecond) - Clock.GetElapsedTime(begin);
            if (ahead > TimeSpan.FromMilliseconds(2)) await Task.Delay(ahead, Clock);
            if ((_untilBreak -= read) > 0) continue;
            _untilBreak = NextBreak();
            if (resumable) _persisted = (offset + received) / Kept * Kept;
            context.Abort();
            return false;
        }
        return true;
    }
}
