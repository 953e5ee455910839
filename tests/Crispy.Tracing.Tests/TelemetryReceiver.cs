using System.Collections.Concurrent;
using Crispy.Crash;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Tracing.Tests;

/// <summary>A span as it was received.</summary>
internal sealed record Span(string Service, string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags)
{
    public bool IsRoot => Parent.Length == 0;
}

/// <summary>A log record as it was received.</summary>
internal sealed record Line(string Service, string Trace, string Span, int Severity, string Text, IReadOnlyDictionary<string, string> Tags);

/// <summary>Receives OTLP over HTTP (<c>http/protobuf</c>) on a free port of 127.0.0.1, and keeps spans and log records.</summary>
internal sealed class TelemetryReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _hang = new();
    private volatile bool _hangs;

    private TelemetryReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Span> Spans { get; } = new();

    public ConcurrentQueue<Line> Lines { get; } = new();

    public static async Task<TelemetryReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new TelemetryReceiver(app);
        app.MapPost("/v1/{signal}", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Lets a process send here at its next start, soon after each span and record.</summary>
    public void ReceiveFrom(Service service, string name)
    {
        var environment = service.Environment;
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.First();
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        environment["OTEL_SERVICE_NAME"] = name;
        environment["OTEL_BSP_SCHEDULE_DELAY"] = environment["OTEL_BLRP_SCHEDULE_DELAY"] = "200";
        environment["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        // As Aspire sets it.
        environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
    }

    /// <summary>From now on requests are taken and never answered.</summary>
    public void Hang() => _hangs = true;

    /// <summary>From now on nobody listens.</summary>
    public async Task EndAsync()
    {
        await _hang.CancelAsync();
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _app.DisposeAsync();
        _hang.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context, string signal)
    {
        if (_hangs) await Task.Delay(Timeout.Infinite, _hang.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new ProtoFields(body.ToArray());
        // opentelemetry/proto: ResourceSpans and ResourceLogs are field 1, their resource 1 with attributes 1, the scopes 2 with what they
        // hold in 2.
        foreach (var part in request.All(1))
        {
            var service = Tags(part.One(1), 1).GetValueOrDefault("service.name", "");
            foreach (var item in part.All(2).SelectMany(scope => scope.All(2)))
            {
                if (signal == "traces") Spans.Enqueue(new(service, item.Hex(1), item.Hex(2), item.Hex(4), item.Text(5), Tags(item, 9)));
                if (signal == "logs")
                    Lines.Enqueue(new(service, item.Hex(9), item.Hex(10), (int)item.Value(2), item.One(5).Text(1), Tags(item, 6)));
            }
        }
    }

    private static Dictionary<string, string> Tags(ProtoFields message, int number)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in message.All(number)) tags[tag.Text(1)] = tag.One(2).Text(1);
        return tags;
    }
}
