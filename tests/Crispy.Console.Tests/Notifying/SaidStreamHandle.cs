using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests.Notifying;

/// <summary>A stream-handle that says what a test has it say: the real one's broker, bucket and disk need minutes to be in such
/// trouble.</summary>
internal sealed class SaidStreamHandle(WebApplication app) : IAsyncDisposable
{
    private readonly Lock _turn = new();
    private readonly List<ChannelWriter<StreamReport>> _listeners = [];
    private readonly Dictionary<string, StreamReport> _streams = [];
    private DutyReport _duty = new()
    {
        Bucket = new(true, null, null), Broker = new(true, null, null), Redis = new(true, null, null),
            Disk = new(1_000_000, 2_000_000, 0, null, false, false),
    };

    /// <summary>Of how many streams it speaks.</summary>
    public int Said => Streams.Count;

    public string Address => app.Urls.First().TrimEnd('/');

    public static async Task<SaidStreamHandle> StartAsync(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={address}"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var handle = new SaidStreamHandle(app);
        app.MapGet("/api/streams", () => Results.Json(new Page<StreamReport>(handle.Streams, null, handle.Streams.Count),
            ApiJson.Options));
        app.MapGet("/api/duty", () => Results.Json(DutyJudge.Judge(handle._duty with { At = TimeProvider.System.GetUtcNow() }),
            ApiJson.Options));
        app.MapGet("/api/events", handle.TellAllAsync);
        await app.StartAsync();
        return handle;
    }

    /// <summary>Changes what it says of everything.</summary>
    public void Say(Func<DutyReport, DutyReport> change)
    {
        lock (_turn) _duty = change(_duty);
    }

    /// <summary>Changes what it says of a stream, to all who listen.</summary>
    public void Say(string id, StreamState state, long lost = 0, long dead = 0)
    {
        var report = new StreamReport { Id = id, Kind = StreamKind.Live, State = state, Error = state == StreamState.Backoff
            ? "connection refused" : null, Law = new(100, 100 - lost - dead, 0, dead, lost) };
        lock (_turn)
        {
            _streams[id] = report;
            foreach (var listener in _listeners) listener.TryWrite(report);
        }
    }

    public Task StopAsync() => app.StopNowAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await app.DisposeAsync();
    }

    private List<StreamReport> Streams
    {
        get
        {
            lock (_turn) return [.. _streams.Values];
        }
    }

    private async Task TellAllAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        var news = Channel.CreateUnbounded<StreamReport>();
        lock (_turn)
        {
            foreach (var report in _streams.Values) news.Writer.TryWrite(report);
            _listeners.Add(news.Writer);
        }
        await context.Response.WriteAsync(": hello\n\n");
        await context.Response.Body.FlushAsync();
        await foreach (var report in news.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync($"event: stream\ndata: {JsonSerializer.Serialize(report, ApiJson.Options)}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }
}
