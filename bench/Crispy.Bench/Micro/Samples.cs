using Crispy.Contracts;

namespace Crispy.Bench.Micro;

/// <summary>What the benchmarks work on.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset From = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    /// <summary>A chunk of 3 s.</summary>
    public static byte[] Chunk { get; private set; } = [];

    /// <summary>The same in MP4, with its description in front.</summary>
    public static byte[] Mp4 { get; private set; } = [];

    /// <summary>The chunk as a file.</summary>
    public static string ChunkFile { get; private set; } = "";

    /// <summary>Its manifest.</summary>
    public static ChunkManifest Manifest { get; private set; } = null!;

    /// <summary>Cuts the chunk.</summary>
    public static async Task PrepareAsync()
    {
        var source = await SourceVideo.OfAsync(60);
        ChunkFile = Path.GetFullPath(Path.Combine("artifacts", "bench", "cache", "chunk.mkv"));
        var mp4 = Path.ChangeExtension(ChunkFile, ".mp4");
        foreach (var path in (string[])[ChunkFile, mp4])
            await Command.RunAsync("ffmpeg", ["-v", "error", "-y", "-nostdin", "-i", source, "-t", "3", "-c", "copy", .. path == mp4
                ? (string[])["-movflags", "+faststart"] : [], path]);
        (Chunk, Mp4) = (await File.ReadAllBytesAsync(ChunkFile), await File.ReadAllBytesAsync(mp4));
        var facts = Crispy.Media.ChunkReader.Read(ChunkFile);
        var id = new ChunkId("gate-7", Epoch.Name(From), 1234);
        Manifest = new()
        {
            Chunk = id.ToString(), Stream = id.Stream, Epoch = id.Epoch, Sequence = id.Sequence,
            Object = new ObjectName(id.Stream, From, id.Sequence, ChunkContainer.Matroska).ToString(),
            From = From, To = From.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 3, Fps = 30, Width = 1920,
            Height = 1080, Channels = 3, Codec = "h264",
            Container = ChunkContainer.Matroska, Size = facts.Size, Sha256 = facts.Sha256,
            Crc32c = Crc32C.Of(Chunk), Clock = new(ChunkClock.Arrival),
            Previous = facts.Sha256, Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
    }
}
