using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Media;

namespace Crispy.Archive.Tests;

/// <summary>An object as upload-worker would have stored it.</summary>
internal sealed record Stored(string Name, byte[] Content, Dictionary<string, string> Metadata, ChunkId Chunk, DateTimeOffset From,
    DateTimeOffset To, long Frames);

/// <summary>Records chunks of one stream as stream-handle does: numbers and hashes run through all epochs.</summary>
internal sealed class Camera(string stream, ManifestSigner signer, DateTimeOffset? start = null)
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 17, 58, 44, 123, TimeSpan.Zero);

    private string? _epoch;
    private string? _previous;
    private ChunkSeam? _seam;

    public string Stream => stream;

    public DateTimeOffset At { get; private set; } = start ?? Start;

    public long Next { get; private set; }

    public List<Stored> Objects { get; } = [];

    /// <summary>By how much its picture is turned clockwise to be shown.</summary>
    public int? Rotation { get; init; }

    /// <summary>The shape of its pixels.</summary>
    public string? Sar { get; init; }

    /// <summary>Where its times come from.</summary>
    public string Clock { get; init; } = ChunkClock.Arrival;

    /// <summary>The source comes back after a while: a new epoch.</summary>
    public Camera NewEpoch(TimeSpan after)
    {
        At += after;
        _epoch = null;
        return this;
    }

    /// <summary>The source's own clock steps; ours goes on.</summary>
    public Camera StepClock(decimal seconds)
    {
        (_epoch, _seam) = (null, new(seconds < 0 ? ChunkSeam.ClockSetBack : ChunkSeam.ClockSetForward, seconds));
        return this;
    }

    /// <summary>The spool is new: numbers begin again.</summary>
    public Camera NewSpool(TimeSpan after)
    {
        (Next, _previous) = (0, null);
        return NewEpoch(after);
    }

    /// <summary>Chunks whose content nobody will look at.</summary>
    public Camera Chunks(int count, TimeSpan? window = null)
    {
        for (var index = 0; index < count; index++)
            Add(RandomNumberGenerator.GetBytes(200), window ?? TimeSpan.FromSeconds(3), 75, "mkv", "h264", 320, 180);
        return this;
    }

    /// <summary>Chunks that can be played.</summary>
    public Camera Video(IEnumerable<byte[]> contents)
    {
        foreach (var content in contents)
        {
            using var bytes = new MemoryStream(content);
            var facts = ChunkReader.Read(bytes);
            Add(content, Instants.RoundToMicrosecond(facts.Duration), facts.Frames, facts.Container!, facts.Video!.Codec,
                facts.Video.Width, facts.Video.Height);
        }
        return this;
    }

    /// <summary>A chunk that is recorded, and that nobody ever gets to see.</summary>
    public Camera Vanish(int count = 1)
    {
        Chunks(count);
        Objects.RemoveRange(Objects.Count - count, count);
        return this;
    }

    /// <summary>A chunk that could not be kept: its signed declaration.</summary>
    public Camera Lose(int count = 1, string reason = LossReason.DroppedOldest)
    {
        for (var index = 0; index < count; index++)
        {
            var id = NextId();
            var record = new LossRecord
            {
                Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = id.Sequence,
                Object = new LossObjectName(stream, At, id.Sequence).ToString(),
                From = At, To = At.AddSeconds(3), Reason = reason, Bytes = 10, Declared = At.AddSeconds(4), Previous = _previous,
            };
            var bytes = LossJson.Write(record);
            Store(record.Object, bytes, LossMetadata.For(record, bytes, signer.Sign(bytes), null), id, bytes, record.To, 0);
        }
        return this;
    }

    private void Add(byte[] content, TimeSpan duration, long frames, string container, string codec, int width, int height)
    {
        var id = NextId();
        var manifest = new ChunkManifest
        {
            Chunk = id.ToString(), Stream = stream, Epoch = id.Epoch, Sequence = id.Sequence,
            Object = new ObjectName(stream, At, id.Sequence, container).ToString(),
            From = At, To = At + duration, Duration = duration, Frames = frames, Keyframes = 1, Fps = 25, Width = width, Height = height,
            Channels = 3, Codec = codec, Container = container,
            Size = content.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)), Crc32c = Checksum(content),
            Clock = new(Clock, 12.5), Previous = _previous, Rotation = Rotation, Sar = Sar, Seam = _seam,
            Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        };
        var bytes = ManifestJson.Write(manifest);
        _seam = null;
        Store(manifest.Object, content, ChunkMetadata.For(manifest, bytes, signer.Sign(bytes), null), id, bytes, manifest.To, frames);
    }

    private static string Checksum(byte[] content)
    {
        using var bytes = new MemoryStream(content);
        return ChunkReader.Read(bytes).Crc32cBase64;
    }

    private ChunkId NextId() => new(stream, _epoch ??= Epoch.Name(At), Next);

    private void Store(string name, byte[] content, Dictionary<string, string> metadata, ChunkId id, byte[] statement,
        DateTimeOffset to, long frames)
    {
        Objects.Add(new(name, content, metadata, id, At, to, frames));
        (_previous, Next, At) = (Convert.ToHexStringLower(SHA256.HashData(statement)), Next + 1, to);
    }
}
