using System.Text.Json;

namespace Crispy.Bench.Scale;

/// <summary>A number and where it comes from.</summary>
/// <param name="Value">The number, in the unit that its key names.</param>
/// <param name="Source">Who measured or published it, how and when.</param>
internal sealed record Figure(double Value, string Source);

/// <summary>What the simulation reckons with: <c>figures.json</c>, or the file after <c>--figures</c>.</summary>
internal sealed record Figures
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>Bits that a camera sends a second.</summary>
    public required Figure BitsPerSecond { get; init; }

    /// <summary>Cores of one ffmpeg that copies a stream.</summary>
    public required Figure FfmpegCores { get; init; }

    /// <summary>Memory of one stream, its ffmpeg included.</summary>
    public required Figure StreamMegabytes { get; init; }

    /// <summary>Memory of stream-handle itself, without what it records.</summary>
    public required Figure StreamHandleMegabytes { get; init; }

    /// <summary>Memory of one upload-worker.</summary>
    public required Figure UploadWorkerMegabytes { get; init; }

    /// <summary>Memory of the console.</summary>
    public required Figure ConsoleMegabytes { get; init; }

    /// <summary>Memory of RabbitMQ.</summary>
    public required Figure RabbitMegabytes { get; init; }

    /// <summary>CPU milliseconds of stream-handle a chunk.</summary>
    public required Figure StreamHandleCpuMsPerChunk { get; init; }

    /// <summary>CPU milliseconds of upload-worker a chunk.</summary>
    public required Figure UploadWorkerCpuMsPerChunk { get; init; }

    /// <summary>CPU milliseconds of chunk-logger a chunk.</summary>
    public required Figure ChunkLoggerCpuMsPerChunk { get; init; }

    /// <summary>Bytes of one chunk's hash in Redis.</summary>
    public required Figure RedisBytesPerChunk { get; init; }

    /// <summary>Bytes of one stream's lease, counters and places in sorted sets.</summary>
    public required Figure RedisBytesPerStream { get; init; }

    /// <summary>Moves of state that one Redis makes a second.</summary>
    public required Figure RedisMovesPerSecond { get; init; }

    /// <summary>Chunk messages that one quorum queue on one node takes, confirms, delivers and forgets a second.</summary>
    public required Figure RabbitMessagesPerSecond { get; init; }

    /// <summary>Cores of a machine.</summary>
    public required Figure MachineCores { get; init; }

    /// <summary>Memory of a machine.</summary>
    public required Figure MachineGigabytes { get; init; }

    /// <summary>Bits a second, each way, of a machine's network.</summary>
    public required Figure MachineBitsPerSecond { get; init; }

    /// <summary>Part of a machine that is used at most.</summary>
    public required Figure MachineUse { get; init; }

    /// <summary>Memory of the machine that Redis runs on.</summary>
    public required Figure RedisGigabytes { get; init; }

    /// <summary>Object writes a second that a bucket takes before it has scaled.</summary>
    public required Figure BucketWritesPerSecond { get; init; }

    /// <summary>Dollars for 1,000 operations of class A: one upload each.</summary>
    public required Figure ClassAPerThousand { get; init; }

    /// <summary>Dollars for 1,000 operations of class B: one read of a head each.</summary>
    public required Figure ClassBPerThousand { get; init; }

    /// <summary>Dollars for a GiB kept for a month.</summary>
    public required Figure StoragePerGibMonth { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonException">A figure is missing, unknown or no number.</exception>
    public static Figures Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">A figure is missing, unknown or no number.</exception>
    public static Figures Parse(ReadOnlySpan<byte> json, string name) =>
        JsonSerializer.Deserialize<Figures>(json, Json) ?? throw new JsonException($"{name} is empty");

    /// <summary>Writes a file.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}
