using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.UploadWorker.Tests;

public sealed class MetricsTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task Uploads_bytes_retries_letters_and_pauses_are_measured()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var (stored, dead, refused) = (rig.Chunk(0, size: 1000), rig.Chunk(1), rig.Chunk(2));
        await File.AppendAllTextAsync(dead.Files.Chunk, "more");
        var attempts = 0;
        rig.Bucket.BeforeUpload = async context => Interlocked.Increment(ref attempts) == 1 && await FaultyBucket.AnswerAsync(context, 503);
        var worker = rig.Worker("--Crispy:Upload:Concurrency=1");
        var meters = worker.Services.GetRequiredService<IMeterFactory>();
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == "Crispy.UploadWorker" && ReferenceEquals(instrument.Meter.Scope, meters))
                listening.EnableMeasurementEvents(instrument);
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[0].Value}";
            sums.AddOrUpdate(name, value, (_, sum) => instrument is ObservableGauge<int> ? value : sum + value);
        }
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        listener.Start();
        await rig.PublishAsync(stored);
        await rig.PublishAsync(dead);
        await rig.StartAsync(worker);
        await rig.StoredAsync(stored);
        await Until.TrueAsync(() => sums.GetValueOrDefault("crispy.uploads.dead/damaged") == 1);
        listener.RecordObservableInstruments();
        Assert.Equal(0, sums["crispy.uploads.paused"]);

        rig.Bucket.BeforeUpload = context => FaultyBucket.AnswerAsync(context, 403);
        await rig.PublishAsync(refused);
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker)).Contains("uploads are refused", StringComparison.Ordinal));
        listener.RecordObservableInstruments();
        await rig.CountAfterStopAsync(worker);

        Assert.Equal(1, sums["crispy.uploads.paused"]);
        Assert.Equal((1, 1), (sums["crispy.uploads/stored"], sums["crispy.uploads/dead"]));
        Assert.True(sums["crispy.uploads/refused"] >= 1);
        Assert.Equal(1000, sums["crispy.upload.bytes"]);
        Assert.Equal(1, sums["crispy.upload.retries/place"]);
        Assert.True(sums["crispy.uploads.failed/denied"] >= 1);
        Assert.Equal((0, 1, 1), (sums["crispy.bucket.up"], sums["crispy.broker.up"], sums["crispy.redis.up"]));
        Assert.Equal(1, sums["crispy.upload.duration/stored"]);
        Assert.Equal(0, sums["crispy.uploads.in_flight"]);
    }
}
