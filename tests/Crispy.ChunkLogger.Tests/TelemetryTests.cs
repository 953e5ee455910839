using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.ChunkLogger.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task The_span_joins_the_trace_of_the_chunk_and_links_the_request()
    {
        await using var site = await Site.StartAsync();
        // Resolved here: listeners are asked while other hosts are being built.
        var ours = site.Services.GetRequiredService<Metrics>().Source;
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == ours,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await site.EventarcAsync(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));

        var span = Assert.Single(spans);
        Assert.Equal("chunk log", span.OperationName);
        Assert.Equal(Chunk.Traceparent, $"00-{span.TraceId}-{span.ParentSpanId}-01");
        Assert.Single(span.Links);
        Assert.Equal("verified", span.GetTagItem("crispy.signature"));
        Assert.Equal(span.SpanId.ToString(), Assert.Single(site.Entries()).GetProperty("logging.googleapis.com/spanId").GetString());
    }

    [Fact]
    public async Task Chunks_are_counted_by_signature_and_ignored_events_by_reason()
    {
        await using var site = await Site.StartAsync();
        var meters = site.Services.GetRequiredService<IMeterFactory>();
        _ = site.Services.GetRequiredService<Metrics>();
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == Metrics.Name) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, number, tags, _) =>
            counted.Enqueue($"{instrument.Name} {number} {(tags.Length > 0 ? tags[0].Value : "")}"));
        listener.SetMeasurementEventCallback<double>((instrument, seconds, _, _) =>
            counted.Enqueue(FormattableString.Invariant($"{instrument.Name} {seconds}")));
        listener.Start();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        foreach (var _ in (int[])[1, 2]) await site.EventarcAsync(stored);
        await site.EventarcAsync(await site.UploadAsync("readme.txt", [1]));
        Assert.Equal(
            ["crispy.chunk_logger.chunks 1 verified", "crispy.chunk_logger.latency 0.25", "crispy.chunk_logger.ignored 1 duplicate",
                "crispy.chunk_logger.ignored 1 not a chunk"], counted);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probes_are_answered_before_the_function(string path)
    {
        await using var site = await Site.StartAsync();
        using var answer = await site.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_process_logs_of_a_request_is_part_of_the_requests_trace()
    {
        await using var site = await Site.StartAsync(new() { ["FunctionsFramework:JsonLogging"] = "true" });
        using var request = Tests.Events.Eventarc(await site.UploadAsync("readme.txt", [1]));
        using var caller = new Activity("caller").SetParentId(Chunk.Traceparent).Start();
        using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var line = Assert.Single(site.OutputLines(), line => line.TryGetProperty("event", out var name) && name.GetString() == "NotAChunk");
        Assert.Equal($"projects/{SignerAccount.Project}/traces/{Chunk.Traceparent.Split('-')[1]}",
            line.GetProperty("logging.googleapis.com/trace").GetString());
        Assert.Matches("^[0-9a-f]{16}$", line.GetProperty("logging.googleapis.com/spanId").GetString());
        Assert.True(line.GetProperty("logging.googleapis.com/trace_sampled").GetBoolean());
        Assert.Equal(("INFO", "chunks", 3002),
            (line.GetProperty("severity").GetString(), line.GetProperty("values").GetProperty("Bucket").GetString(),
                line.GetProperty("eventId").GetInt32()));
    }

    [Fact]
    public async Task A_failure_is_logged_with_the_requests_trace_and_its_stack()
    {
        await using var site = await Site.StartAsync(new() { ["FunctionsFramework:JsonLogging"] = "true" });
        await site.FailAsync(new { fault = "status", status = 503, times = 100, match = new { method = "GET" } });
        using var request = Tests.Events.Eventarc(await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer)));
        using var caller = new Activity("caller").SetParentId(Chunk.Traceparent.Replace("0af7", "1af7", StringComparison.Ordinal)).Start();
        using var answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var line = Assert.Single(site.OutputLines(),
            line => line.TryGetProperty("event", out var name) && name.GetString() == "LoggingFailed");
        Assert.EndsWith($"/traces/{Chunk.Traceparent.Split('-')[1].Replace("0af7", "1af7", StringComparison.Ordinal)}",
            line.GetProperty("logging.googleapis.com/trace").GetString(), StringComparison.Ordinal);
        Assert.Contains(site.OutputLines(), other => other.TryGetProperty("exception", out _));
    }
}
