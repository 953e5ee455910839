using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Spool.Tests;

/// <summary>A stream's part of a spool on the disk, with chunks whose video is their number.</summary>
public abstract class StreamOnDisk : IDisposable
{
    protected const string Stream = "gate";

    private readonly TempFolder _folder = new();
    private readonly ManifestVerifier _verifier;
    private StreamJournal _journal = new();

    protected StreamOnDisk()
    {
        _verifier = new(Signer.PublicPem);
        Layout = new(_folder["spool"]);
        Spool = Start();
    }

    protected ManifestSigner Signer { get; } = new(SigningKey.NewPrivatePem());

    /// <summary>Of a key that is not known here.</summary>
    protected ManifestSigner Foreign { get; } = new(SigningKey.NewPrivatePem());

    protected SpoolLayout Layout { get; }

    protected StreamSpool Spool { get; set; }

    /// <summary>As an upload-worker has it.</summary>
    protected UploadSpool Worker => new(Layout.Root, TimeProvider.System);

    protected List<QuarantinedFile> Quarantined { get; } = [];

    public void Dispose()
    {
        _verifier.Dispose();
        Signer.Dispose();
        Foreign.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected StreamSpool Start(ManifestVerifier? verifier = null)
    {
        var spool = new StreamSpool(Stream, ChunkContainer.Matroska, Layout, Signer, verifier ?? _verifier,
            TimeProvider.System) { Quarantined = Quarantined.Add };
        spool.Recover();
        _journal = spool.Journal;
        return spool;
    }

    protected List<ChunkManifest> Capture(int count)
    {
        Spool.Store(Batch(count, out var manifests));
        _journal = Spool.Journal;
        return manifests;
    }

    protected SegmentBatch Batch(int count, out List<ChunkManifest> manifests)
    {
        var (after, segments) = (_journal, new List<SegmentToStore>());
        manifests = [];
        var folder = Spool.Open.Begin("run");
        for (; count > 0; count--)
        {
            var manifest = Manifest(after.NextSequence) with { Previous = after.Previous };
            var bytes = ManifestJson.Write(manifest);
            var path = Path.Combine(folder, $"{manifest.Sequence}.mkv");
            File.WriteAllBytes(path, Video(manifest.Sequence));
            segments.Add(SegmentToStore.Chunk(path, manifest, bytes, Signer.Sign(bytes), () => null));
            manifests.Add(manifest);
            after = after.After(manifest, bytes);
        }
        return new(_journal, after, segments, []);
    }

    protected void Put(string folder, ChunkManifest manifest, ManifestSigner signer)
    {
        var bytes = ManifestJson.Write(manifest);
        var files = ChunkFiles.In(Directory.CreateDirectory(Path.Combine(Layout.Stream(Stream), folder)).FullName,
            Id(manifest), "mkv");
        File.WriteAllBytes(files.Chunk, Video(manifest.Sequence));
        File.WriteAllBytes(files.Manifest, SignedManifest.Write(bytes, signer.Sign(bytes)));
    }

    protected void Bury(ChunkManifest chunk)
    {
        Assert.True(Worker.Bury(Worker.Find(Id(chunk))!, DeadReason.Damaged, "it is broken"));
    }

    protected static ChunkId Id(ChunkManifest chunk) => new(Stream, chunk.Epoch, chunk.Sequence);

    protected static byte[] Video(long sequence) => BitConverter.GetBytes(sequence);

    protected static ChunkManifest Manifest(long sequence)
    {
        var start = new DateTimeOffset(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);
        var from = start.AddMilliseconds(sequence);
        var id = new ChunkId(Stream, Epoch.Name(start), sequence);
        return new()
        {
            Chunk = id.ToString(), Stream = Stream, Epoch = id.Epoch, Sequence = sequence,
            Object = new ObjectName(Stream, from, sequence, ChunkContainer.Matroska).ToString(),
            From = from, To = from.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 2, Fps = 30, Width = 1920,
            Height = 1080, Channels = 3, Codec = "h264",
            Container = ChunkContainer.Matroska, Size = 8, Sha256 = Convert.ToHexStringLower(SHA256.HashData(Video(sequence))),
            Crc32c = Crc32C.Of(Video(sequence)),
            Clock = new(ChunkClock.Arrival),
        };
    }
}
