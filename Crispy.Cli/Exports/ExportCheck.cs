using Crispy.Cli.Checking;
using Crispy.Cli.Ledgers;
using Crispy.Cli.Sources;
using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Cli.Exports;

/// <summary>What an export came to.</summary>
/// <param name="Streams">The stream, and all else that is in it.</param>
/// <param name="Remarks">What was compared with what, for people.</param>
internal sealed record ExportVerdict(IReadOnlyList<VerifiedStream> Streams, IReadOnlyList<string> Remarks);

/// <summary>
/// Checks an export: the statement's signature, every file's hash, and the signature, hash and chain of each chunk. Statement and chunks
/// must agree. The video's pictures must be those of the chunks, in their order.
/// </summary>
/// <param name="reports">The keys that are believed for statements.</param>
/// <param name="recordings">The keys that are believed for chunks.</param>
/// <param name="time">The clock.</param>
internal sealed class ExportCheck(ManifestVerifier reports, ManifestVerifier recordings, TimeProvider time)
{
    private readonly List<Finding> _findings = [];
    private readonly List<string> _remarks = [];

    /// <summary>Checks it.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public async Task<ExportVerdict> RunAsync(ExportPlace place, CancellationToken cancellation)
    {
        _findings.AddRange(place.Findings);
        var statement = ReadStatement(place);
        if (statement is not null) await CheckFilesAsync(place, statement, cancellation);
        var streams = await CheckChunksAsync(place, statement, cancellation);
        if (statement is not null)
        {
            await CheckListAsync(place, statement, cancellation);
            await CheckVideoAsync(place, statement, cancellation);
        }
        CheckReport(place, streams);
        var stream = statement?.Stream ?? streams.FirstOrDefault()?.Stream ?? "";
        var found = _findings.ConvertAll(finding => finding.Stream.Length > 0 ? finding : finding with { Stream = stream });
        var own = streams.Find(each => each.Stream == stream) ?? new(stream, 0, 0, null, null, [], [], []);
        return new([own with { Findings = [.. own.Findings, .. found] }, .. streams.Where(each => each.Stream != stream)], _remarks);
    }

    private ExportStatement? ReadStatement(ExportPlace place)
    {
        const string name = ExportStatement.FileName;
        if (place.FileOf(name) is not { } file)
        {
            Add(FindingKind.Missing, name, "the statement of the export is not there: nothing says what belongs to it");
            return null;
        }
        try
        {
            if (new FileInfo(file).Length > ExportStatement.MaxBytes) throw new FormatException("larger than any statement that is read");
            var (statement, json, signature) = ExportStatement.Read(File.ReadAllBytes(file));
            switch (reports.Check(json, signature, ExportStatement.SignatureType))
            {
                case SignatureState.Verified: _remarks.Add($"the statement is signed by {ManifestVerifier.KeyIdOf(signature)}"); break;
                case SignatureState.Missing: Add(FindingKind.Unsigned, name,
                    "nobody signed the statement: only the chunks prove themselves"); break;
                case SignatureState.UnknownKey: Add(FindingKind.UnknownKey, name,
                    "the statement is signed by a key that is not among the given ones"); break;
                default: Add(FindingKind.Forged, name,
                    "the signature was not made over this statement: a byte of it is another one, or it was signed for something else");
                    break;
            }
            return statement;
        }
        catch (FormatException malformed)
        {
            Add(FindingKind.Unreadable, name, malformed.Message);
            return null;
        }
    }

    private async Task CheckFilesAsync(ExportPlace place, ExportStatement statement, CancellationToken cancellation)
    {
        foreach (var stated in statement.Files)
        {
            if (place.FileOf(stated.Name) is not { } file)
            {
                Add(FindingKind.Missing, stated.Name, "the statement names it, and it is not there");
                continue;
            }
            await using var hashing = new HashingStream();
            await Item.CopyFileAsync(file, hashing, cancellation);
            if (hashing.Length != stated.Bytes)
                Add(FindingKind.Altered, stated.Name, $"has {hashing.Length} bytes, {stated.Bytes} were stated");
            else if (hashing.Sha256 != stated.Sha256) Add(FindingKind.Altered, stated.Name, "its bytes are not those that were stated");
        }
    }

    // A part of a chain: it may begin and end anywhere, and lack nothing in between.
    private async Task<List<VerifiedStream>> CheckChunksAsync(ExportPlace place, ExportStatement? statement, CancellationToken cancellation)
    {
        using var source = Chunks(place, statement);
        if (source is null) return [];
        var options = new VerificationOptions { Sources = [source], Since = DateTimeOffset.MinValue, OpenEnds = true };
        return [.. (await new Verification(options, recordings, time).RunAsync(cancellation)).Streams];
    }

    private static DownloadedBucket? Chunks(ExportPlace place, ExportStatement? statement)
    {
        var proof = Path.Combine(place.Folder, ExportStatement.ProofFolder);
        return DownloadedBucket.IsOne(proof) ? new(proof, mayLackFiles: statement is { Originals: false }) : null;
    }

    private async Task CheckListAsync(ExportPlace place, ExportStatement statement, CancellationToken cancellation)
    {
        using var source = Chunks(place, statement);
        if (source is null) return;
        var manifests = new Dictionary<string, ChunkManifest>(StringComparer.Ordinal);
        await foreach (var item in source.ItemsAsync(cancellation))
            if (!item.IsLoss && Manifest(item) is { } manifest) manifests.TryAdd(item.Name!, manifest);
        ChunkManifest? before = null;
        foreach (var chunk in statement.Chunks)
        {
            if (!manifests.Remove(chunk.Object, out var manifest))
                Add(FindingKind.Missing, chunk.Object, $"the statement names chunk {chunk.Chunk}, and it is not there");
            else if ((manifest.Chunk, manifest.Sha256, manifest.Frames) != (chunk.Chunk, chunk.Sha256, chunk.Frames))
                Add(FindingKind.Altered, chunk.Object, "its manifest is not that of the chunk that the statement names");
            else if (manifest.Stream != statement.Stream)
                Add(FindingKind.Moved, chunk.Object, $"it is of another stream than {statement.Stream}");
            else if (before is not null && manifest.From < before.From)
                Add(FindingKind.Reordered, chunk.Object, $"the statement places it behind {before.Chunk}, which is later");
            before = manifest ?? before;
        }
        foreach (var added in manifests.Keys) Add(FindingKind.Moved, added, "the statement does not name it: it was added");
    }

    private async Task CheckVideoAsync(ExportPlace place, ExportStatement statement, CancellationToken cancellation)
    {
        var files = statement.Chunks.Select(chunk => place.FileOf($"{ExportStatement.ProofFolder}/{chunk.Object}"))
            .OfType<string>().ToList();
        if (place.FileOf(statement.Video.Name) is not { } video) return;
        if (!statement.Originals || files.Count != statement.Chunks.Count)
        {
            _remarks.Add("the video was compared with the statement alone: the chunks are not in the export");
            return;
        }
        try
        {
            var folder = Directory.CreateTempSubdirectory("crispy-verify-");
            try
            {
                var difference = await new PacketComparison(new())
                    .FirstDifferenceAsync(video, files, statement.Video.Codec, folder.FullName, cancellation);
                if (difference is not { } number)
                    _remarks.Add(
                        $"the video's {statement.Video.Frames} pictures are those of the {statement.Chunks.Count} signed chunks, in "
                            + $"their order");
                else Add(FindingKind.Altered, statement.Video.Name,
                    $"picture {number} is not that of {ChunkOf(statement, number)}: the video is not what the signed chunks hold");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
        catch (MissingProgramException missing)
        {
            _remarks.Add($"the video was compared with the statement alone, and not with its chunks: {missing.Message}");
        }
        catch (ExportException unreadable)
        {
            Add(FindingKind.Altered, statement.Video.Name, $"it, or a chunk of it, cannot be read: {unreadable.Message}");
        }
    }

    private static string ChunkOf(ExportStatement statement, long number)
    {
        foreach (var chunk in statement.Chunks)
            if ((number -= chunk.Frames) < 0) return $"chunk {chunk.Chunk}";
        return "any chunk: it is one too many";
    }

    private void CheckReport(ExportPlace place, List<VerifiedStream> streams)
    {
        if (place.FileOf(ExportStatement.ReportName) is not { } file) return;
        try
        {
            var verdict = new LedgerCheck(reports, recordings, []).Check(file);
            // What is missing in the chain was told already.
            var isTold = streams.Any(stream => stream.Findings.Any(finding => finding.Kind == FindingKind.Missing));
            _findings.AddRange(verdict.AllFindings.Where(finding => finding.Kind != FindingKind.Missing || !isTold));
        }
        catch (SourceException none)
        {
            Add(FindingKind.Unreadable, ExportStatement.ReportName, none.Message);
        }
    }

    private static ChunkManifest? Manifest(Item item)
    {
        try
        {
            return item.Statement is { } bytes ? ManifestJson.Read(bytes) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private void Add(string kind, string name, string message) => _findings.Add(new(kind, "", $"{name}: {message}") { Place = name });
}
