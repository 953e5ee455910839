using System.Text;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.Spool;

namespace Crispy.StreamHandle.Api;

/// <summary>Looks at the files of dead chunks as they lie on the disk now. It tells whether they can be read, what they hold, and whether
/// they are what was signed. Nothing is changed, and no link is followed.</summary>
public sealed class DeadFileProbe(SpoolLayout spool, ManifestVerifier verifier, TimeProvider clock) : IDisposable
{
    /// <summary>How long a file is read at most: some gigabytes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>How long one waits for its turn.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Files at once at most: each takes a core, and the disk of the streams.</summary>
    private const int AtOnce = 2;

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>Looks at the file of a dead chunk, on the disk as it is now.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="cancellation">Ends it before its time.</param>
    /// <returns>Null where too many are being looked at already.</returns>
    public async Task<DeadFile?> LookAsync(ChunkId id, CancellationToken cancellation)
    {
        if (!await _turns.WaitAsync(Patience, cancellation)) return null;
        try
        {
            using var late = new CancellationTokenSource(Limit, clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
            return await Task.Run(() => Look(id, limit.Token, cancellation), cancellation);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private DeadFile Look(ChunkId id, CancellationToken limit, CancellationToken gone)
    {
        var (manifest, signature) = ReadManifest(id);
        var file = FileOf(id, manifest?.Container);
        var nothing =
            new DeadFile(false, "there is no file", null, null, null, null, null, manifest?.Size, null, SignatureStateText.Of(signature));
        if (LinkIn(id, file) is { } link) return nothing with { Error = $"{link.FullName} is a symbolic link, which is not followed" };
        if (file is not { Exists: true }) return nothing;
        var there = nothing with { Size = file.Length };
        // Never opened: what is no file, such as a pipe, has no length either, and would never end.
        if (file.Length == 0) return there with { Error = Words(Damage.Empty), Sha256Matches = manifest is null ? null : false };
        try
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0, FileOptions.SequentialScan);
            return Tell(ChunkReader.Read(stream, limit), manifest, there);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            return there with { Error = $"it could not be read to its end within {Limit.TotalSeconds} s" };
        }
        catch (Exception refused) when (refused is FileNotFoundException or DirectoryNotFoundException)
        {
            return nothing; // Replayed or discarded at this moment.
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return there with { Error = $"it cannot be read: {refused.Message}" };
        }
    }

    private static DeadFile Tell(ChunkFacts facts, ChunkManifest? manifest, DeadFile there) => there with
    {
        Readable = facts.Frames > 0,
        Error = Words(facts.Damage),
        Container = facts.Container,
        Duration = facts.Frames > 0 ? Math.Round(facts.Duration.TotalSeconds, 6) : null,
        Video = facts.Video is { } video
            ? new(video.Codec, video.Width, video.Height, facts.Fps > 0 ? Math.Round(facts.Fps, 3) : null, facts.Frames)
            : null,
        Audio = facts.AudioCodec is { } audio ? new(audio) : null,
        Size = facts.Size,
        Sha256Matches = manifest is null ? null : facts.Sha256 == manifest.Sha256,
    };

    private static string? Words(Damage damage)
    {
        if (damage.HasFlag(Damage.Empty)) return "it is empty";
        if (damage.HasFlag(Damage.UnknownContainer)) return "it is neither Matroska, MP4 nor MPEG-TS";
        List<string> all = [];
        if (damage.HasFlag(Damage.NoVideo)) all.Add("it holds no frame that can be read");
        if (damage.HasFlag(Damage.Truncated)) all.Add("it is cut off");
        if (damage.HasFlag(Damage.Corrupt)) all.Add("its structure is broken");
        if (damage.HasFlag(Damage.Discontinuity)) all.Add("packets are missing in it");
        return all.Count > 0 ? string.Join(", ", all) : null;
    }

    // As far as it can be read: also one whose second line, the signature, is missing or no signature at all.
    private (ChunkManifest? Manifest, SignatureState Signature) ReadManifest(ChunkId id)
    {
        var signature = SignatureState.Missing;
        try
        {
            var content = File.ReadAllBytes(ChunkFiles.ManifestIn(spool.Dead(id.Stream), id));
            var line = SignedLines.FirstLine(content).ToArray();
            signature = verifier.Check(line, Encoding.Latin1.GetString(content.AsSpan(line.Length)).Trim('\n'));
            var manifest = ManifestJson.Read(line);
            return manifest.Chunk == id.ToString() ? (manifest, signature) : (null, SignatureState.Invalid);
        }
        catch (Exception unreadable) when (unreadable is FormatException or IOException or UnauthorizedAccessException)
        {
            return (null, signature);
        }
    }

    // Without its manifest, a file of any container that has its name.
    private FileInfo? FileOf(ChunkId id, string? container) => (container is null ? ChunkContainer.All : [container])
        .Select(each => new FileInfo(spool.DeadFiles(id, each).Chunk)).FirstOrDefault(file => file.Exists || file.LinkTarget is not null);

    private FileSystemInfo? LinkIn(ChunkId id, FileInfo? file) =>
        new FileSystemInfo?[] { file, new DirectoryInfo(spool.Dead(id.Stream)),
            new DirectoryInfo(spool.Stream(id.Stream)) }.FirstOrDefault(part => part?.LinkTarget is not null);
}
