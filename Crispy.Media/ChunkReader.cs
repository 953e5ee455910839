using Crispy.Media.Bytes;
using Crispy.Media.Containers;

namespace Crispy.Media;

/// <summary>
/// Reads a closed chunk once, from its first byte to its last, and tells what is exact about it. That is timing and format from the
/// container and the codec, and the checksums of the bytes. Work is linear in the bytes; memory grows with the tables of an MP4 alone.
/// </summary>
public static class ChunkReader
{
    /// <summary>Reads the file at <paramref name="path"/>. Damaged content is reported in the result, never thrown.</summary>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ChunkFacts Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
            FileOptions.SequentialScan);
        return Read(file);
    }

    /// <summary>Reads <paramref name="stream"/> from where it stands to its end. It need not be seekable and is left open.</summary>
    /// <param name="stream">The chunk.</param>
    /// <param name="cancellation">Ends the pass between two reads.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static ChunkFacts Read(Stream stream, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var source = new ByteSource(stream, cancellation);
        var container = ContainerReader.Open(source, headOnly: false);
        container?.Read();
        source.SkipToEnd();
        var video = container?.Timeline.Summarize() ?? default;
        var damage = DamageOf(source, container, video);
        return new ChunkFacts
        {
            Container = container?.Name,
            Video = container?.Format,
            AudioCodec = container?.AudioCodec,
            Frames = video.Frames,
            Keyframes = video.Keyframes,
            StartsWithKeyframe = video.StartsWithKeyframe,
            FirstPts = video.First,
            FirstPacketPts = video.FirstPacket,
            Duration = video.Duration,
            Size = source.Position,
            Sha256 = source.Sha256(),
            Crc32c = source.Crc32c,
            Damage = damage,
        };
    }

    private static Damage DamageOf(ByteSource source, ContainerReader? container, VideoSummary video)
    {
        if (source.Position == 0) return Damage.Empty | Damage.NoVideo;
        if (container is null) return Damage.UnknownContainer | Damage.NoVideo;
        return container.Judge(video, source.Position) | (video.Frames == 0 ? Damage.NoVideo : Damage.None);
    }
}
