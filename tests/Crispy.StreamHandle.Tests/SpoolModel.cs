using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Crispy.StreamHandle.Tests;

/// <summary>One stream's spool with stream-handle's own parts, and workers that can be stopped between any two steps of theirs.
/// The bucket is a set of names.</summary>
internal sealed class SpoolModel : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private readonly StreamOptions _options = new() { Id = "gate", Url = SourceUrl.Parse("demo:") };
    private readonly string _clip;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ManifestVerifier _verifier;
    private StreamSpool _gate = null!;
    private ChunkSpooler _spooler = null!;
    private EpochClock _clock = null!;
    private string? _gapReason;
    private TimeSpan _end;
    private int _segments;

    public SpoolModel(string clip)
    {
        _clip = clip;
        Spool = new(_folder["spool"]);
        _verifier = new(_signer.PublicPem);
        Start();
    }

    public SpoolLayout Spool { get; }

    /// <summary>Names of objects and of loss records.</summary>
    public HashSet<string> Bucket { get; } = new(StringComparer.Ordinal);

    /// <summary>All chunks that ever had a manifest.</summary>
    public List<ChunkManifest> Chunks { get; } = [];

    public int Captured { get; private set; }

    public StreamJournal Journal => _gate.Journal;

    public Conservation Law => _gate.Law!.Value;

    /// <summary>As a process begins after any end of the last one.</summary>
    public void Start()
    {
        _gate = new("gate", "mkv", Spool, _signer, _verifier, _time);
        _gate.Recover();
        _spooler = new(_options, _gate, "local", _signer, _time, NullLogger.Instance);
        _gapReason = "restart";
        _spooler.Begin("run", source: null);
        _clock = new(_time.GetUtcNow(), followsNothing: _gate.Journal.NextSequence == 0);
        _end = TimeSpan.Zero;
    }

    public void Capture(int count, bool usable = true, string? dropped = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Spool.Open("gate"), "run")).FullName;
        var segments = new List<ClosedSegment>();
        for (; count > 0; count--)
        {
            var path = Path.Combine(folder, $"{_segments++:D8}.mkv");
            if (usable) File.Copy(_clip, path);
            else File.WriteAllBytes(path, []);
            segments.Add(new(path, _end, _end += TimeSpan.FromSeconds(1), _time.GetUtcNow()));
        }
        var batch = _spooler.Spool(segments, _clock, _gapReason, dropped);
        _gapReason = batch.GapReason;
        Chunks.AddRange(batch.Chunks.Select(chunk => chunk.Manifest));
        Captured += segments.Count;
    }

    public void DropOldest(long bytes) => _gate.DropOldest(bytes);

    /// <summary>A drop that ends between its first steps.</summary>
    public void BreakOffDrop(ChunkManifest manifest, bool afterVideo)
    {
        var files = Spool.ReadyFiles(Id(manifest), "mkv");
        if (!File.Exists(files.Manifest) || !File.Exists(files.Chunk)) return;
        Directory.CreateDirectory(Spool.Lost("gate"));
        File.Move(files.Manifest, Spool.LostManifest(Id(manifest)));
        if (afterVideo) File.Delete(files.Chunk);
        Start();
    }

    /// <summary>The first of the dead is given up.</summary>
    public void Discard()
    {
        if (FirstDead() is { } id) Assert.NotNull(_gate.Discard(id, "seen enough"));
    }

    /// <summary>A discard that ends between its first steps.</summary>
    public void BreakOffDiscard(int steps)
    {
        if (FirstDead() is not { } id) return;
        Directory.CreateDirectory(Spool.Lost("gate"));
        File.WriteAllText(Path.ChangeExtension(Spool.LostManifest(id), ".discard"), "");
        if (steps > 1) File.Move(Spool.DeadFiles(id, "mkv").Manifest, Spool.LostManifest(id));
        if (steps > 2) File.Delete(Spool.DeadFiles(id, "mkv").Chunk);
        Start();
    }

    private ChunkId? FirstDead() => Spool.DeadManifests("gate").FirstOrDefault() is { } path
        && ChunkFiles.TryParseManifestName(path, out var epoch, out var sequence) ? new("gate", epoch, sequence) : null;

    public void CountStored() => _gate.CountStored();

    /// <summary>A worker that has a chunk's message, step by step; between two of its steps anything may happen,
    /// and it may never come back.</summary>
    public IEnumerator<bool> Worker(ChunkManifest manifest)
    {
        var kill = manifest.Sequence % 7 == 3; // what is wrong with a file is wrong at every delivery
        var (id, files) = (Id(manifest), Spool.ReadyFiles(Id(manifest), "mkv"));
        if (File.Exists(files.Chunk) && !kill) Bucket.Add(manifest.Object);
        else if (File.Exists(files.Chunk))
        {
            var dead = Spool.DeadFiles(id, "mkv");
            Directory.CreateDirectory(Spool.Dead("gate"));
            File.WriteAllText(Path.ChangeExtension(dead.Manifest, ".reason.json"), "{}");
            yield return true;
            MoveIfThere(files.Chunk, dead.Chunk);
            yield return true;
            MoveIfThere(files.Manifest, dead.Manifest);
            yield break;
        }
        else if (!Bucket.Contains(manifest.Object))
        {
            var known = File.Exists(Spool.LostManifest(id)) || File.Exists(Spool.ReadyLoss(id).Record)
                || Bucket.Contains(LossName(manifest))
                || File.Exists(Path.ChangeExtension(Spool.DeadFiles(id, "mkv").Manifest, ".reason.json"));
            Assert.True(known, $"{manifest.Chunk} is nowhere");
            if (File.Exists(Path.ChangeExtension(Spool.DeadFiles(id, "mkv").Manifest, ".reason.json")))
                MoveIfThere(files.Manifest, Spool.DeadFiles(id, "mkv").Manifest);
            yield break;
        }
        yield return true;
        File.Delete(files.Chunk);
        yield return true;
        Directory.CreateDirectory(Spool.Stored("gate"));
        MoveIfThere(files.Manifest, Spool.StoredManifest(id));
    }

    /// <summary>Uploads all loss records that are ready, or takes them back.</summary>
    public void UploadLosses()
    {
        foreach (var path in Spool.ReadyLosses("gate").ToList())
        {
            var loss = SpooledLoss.Read(path)!;
            var record = loss.Record;
            if (record.Manifest is { } lost && Bucket.Contains(lost.Object))
            {
                Directory.CreateDirectory(Spool.Stored("gate"));
                DurableFile.Write(Spool.StoredManifest(new(record.Stream, record.Epoch, record.Sequence)),
                    SignedLines.Write(loss.Bytes, loss.Signature, "loss record"));
            }
            else Bucket.Add(record.Object);
            File.Delete(path);
            File.Delete($"{path}-jws");
        }
    }

    public static string LossName(ChunkManifest manifest) => new LossObjectName("gate", manifest.From, manifest.Sequence).ToString();

    public static ChunkId Id(ChunkManifest manifest) => new(manifest.Stream, manifest.Epoch, manifest.Sequence);

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    private static void MoveIfThere(string from, string to)
    {
        if (File.Exists(from)) File.Move(from, to, overwrite: true);
    }
}
