using System.Text.Json;
using BenchmarkDotNet.Attributes;
using CloudNative.CloudEvents;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Verifying;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;

namespace Crispy.Bench.Micro;

/// <summary>Lines and events: an event of the bucket, a log line.</summary>
public class Lines
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 17, 8, 47, TimeSpan.Zero);

    private CloudEvent _event = new();
    private ChunkEntry _entry = null!;

    /// <summary>Makes what they need.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        var manifest = ManifestJson.Write(Samples.Manifest);
        var resource = new
        {
            kind = "storage#object", bucket = "bench", name = Samples.Manifest.Object, generation = "1764000000000001",
            size = $"{Samples.Manifest.Size}", crc32c = Samples.Manifest.Crc32c,
            mediaLink = "http://127.0.0.1/download",
            metadata = ChunkMetadata.For(Samples.Manifest, manifest, signer.Sign(manifest), Samples.Manifest.Traceparent),
        };
        var message = new { attributes = new { eventType = "OBJECT_FINALIZE" }, data = JsonSerializer.SerializeToUtf8Bytes(resource) };
        _event = new()
        {
            Id = "1", Source = new("//pubsub.googleapis.com/projects/p/topics/t"), Type = "google.cloud.pubsub.topic.v1.messagePublished",
            Data = JsonSerializer.SerializeToElement(new { message }),
        };
        var hint = FinalizedEvent.Find(_event, out _) ?? throw new InvalidOperationException("the event tells of no object");
        var stored = new StoredObject(hint.Bucket, hint.Name, 1764000000000001)
        {
            Size = Samples.Manifest.Size, Crc32c = Samples.Manifest.Crc32c, MediaLink = resource.mediaLink, Metadata = resource.metadata,
        };
        _entry = new()
        {
            Report = new ChunkReport(stored, Samples.Manifest, SignatureState.Verified, new("h264", 1920, 1080, 3), []),
            SignedUrl = "https://storage.googleapis.com/bench/" + new string('x', 500), SignedUrlExpires = Now.AddHours(1), Time = Now,
            Latency = TimeSpan.FromMilliseconds(120),
        };
    }

    /// <summary>chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "event of a finalized object")]
    public object? FinalizedObject() => FinalizedEvent.Find(_event, out _);

    /// <summary>chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "log line")]
    public object LogLine() => _entry.ToLine();
}
