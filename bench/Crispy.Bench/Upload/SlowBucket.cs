using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Bench.Upload;

/// <summary>A bucket that takes every upload and answers some time after its last byte.</summary>
internal sealed class SlowBucket : IAsyncDisposable
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<long> _answered = [];

    private SlowBucket(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>From a request's last byte to its answer.</summary>
    public TimeSpan Delay { get; set; }

    public int Answered
    {
        get
        {
            lock (_gate) return _answered.Count;
        }
    }

    public static async Task<SlowBucket> StartAsync(string crc32c)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var bucket = new SlowBucket(app);
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            if (bucket.Delay > TimeSpan.Zero) await Task.Delay(bucket.Delay, Clock);
            lock (bucket._gate) bucket._answered.Add(Clock.GetTimestamp());
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"generation":"1764000000000001","crc32c":"{{crc32c}}"}""");
        });
        await app.StartAsync();
        return bucket;
    }

    /// <summary>Answers a second, of all but the first tenth, in which programs are still warming up.</summary>
    public double Rate()
    {
        lock (_gate)
        {
            var skipped = _answered.Count / 10;
            return (_answered.Count - 1 - skipped) / Clock.GetElapsedTime(_answered[skipped], _answered[^1]).TotalSeconds;
        }
    }

    public void Forget()
    {
        lock (_gate) _answered.Clear();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
