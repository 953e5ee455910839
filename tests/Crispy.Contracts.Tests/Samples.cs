namespace Crispy.Contracts.Tests;

internal static class Samples
{
    public static ChunkManifest Manifest(long sequence = 7, string? previous = null)
    {
        var from = new DateTimeOffset(2026, 11, 22, 17, 8, 44, TimeSpan.Zero).AddTicks(1234560);
        var duration = TimeSpan.FromTicks(30_000_010);
        return new()
        {
            Chunk = new ChunkId("gate", Epoch.Name(from), sequence).ToString(),
            Stream = "gate",
            Epoch = Epoch.Name(from),
            Sequence = sequence,
            Object = new ObjectName("gate", from, sequence, "mkv").ToString(),
            From = from,
            To = from + duration,
            Duration = duration,
            Frames = 90,
            Keyframes = 3,
            Fps = 29.97,
            Width = 1920,
            Height = 1080,
            Channels = 3,
            Codec = "h264",
            Container = "mkv",
            Size = 1_500_000,
            Sha256 = new string('a', 64),
            Crc32c = "n03x6A==",
            Clock = new(ChunkClock.File, 0),
            Flags = [ChunkFlag.Final],
            Previous = previous,
            Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
    }

    public static LossRecord Loss(ChunkManifest manifest) => new()
    {
        Chunk = manifest.Chunk,
        Stream = manifest.Stream,
        Epoch = manifest.Epoch,
        Sequence = manifest.Sequence,
        Object = new LossObjectName(manifest.Stream, manifest.From, manifest.Sequence).ToString(),
        From = manifest.From,
        To = manifest.To,
        Reason = LossReason.DroppedOldest,
        Frames = manifest.Frames,
        Bytes = manifest.Size,
        Declared = manifest.To.AddHours(1),
        Manifest = new(new string('b', 64), manifest.Object, manifest.Crc32c),
        Previous = new string('c', 64),
        Traceparent = manifest.Traceparent,
    };
}
