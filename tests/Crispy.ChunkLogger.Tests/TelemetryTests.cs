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
        listener.SetMeasurementEventCallback<long>((instrument, number, tags, _) => counted.Enqueue($"{instrument.Name} {number} {(tags.Length > 0 ? tags[0].Value : "")}"));
        listener.SetMeasurementEventCallback<double>((instrument, seconds, _, _) => counted.Enqueue(FormattableString.Invariant($"{instrument.Name} {seconds}")));
        listener.Start();
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        foreach (var _ in (int[])[1, 2]) await site.EventarcAsync(stored);
        await site.EventarcAsync(await site.UploadAsync("readme.txt", [1]));
        Assert.Equal(
            ["crispy.chunk_logger.chunks 1 verified", "crispy.chunk_logger.latency 0.25", "crispy.chunk_logger.ignored 1 duplicate", "crispy.chunk_logger.ignored 1 not a chunk"], counted);
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
}
