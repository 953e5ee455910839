namespace Crispy.Judge;

/// <summary>How to judge.</summary>
public sealed record JudgeOptions
{
    /// <summary>A file with the same pictures and the right times, where the source has none (a bare stream); null:
    /// the source itself.</summary>
    public string? Truth { get; init; }

    /// <summary>Whether the recording may have begun after the source did, and ended before it: of a camera.</summary>
    public bool IsPart { get; init; }

    /// <summary>Whether sound is expected; null: as the source has it.</summary>
    public bool? HasSound { get; init; }
}

/// <summary>
/// Compares a source with what was stored of it by ffprobe and ffmpeg alone: packets, decoded pictures of each chunk alone, times. It knows
/// nothing of the recorder but the manifest's fields, which it reads as plain JSON.
/// </summary>
/// <param name="folder">Where ffprobe and ffmpeg lie; null looks in PATH. The same for source and chunks,
/// whichever release recorded them.</param>
public sealed class SourceJudge(string? folder = null)
{
    private readonly MediaReader _reader = new(folder);

    /// <summary>Judges one stream.</summary>
    /// <param name="source">The source: a file, or an address that ffmpeg opens.</param>
    /// <param name="stored">What was stored of it.</param>
    /// <param name="options">How.</param>
    public async Task<Verdict> JudgeAsync(string source, Stored stored, JudgeOptions? options = null)
    {
        options ??= new();
        var file = await _reader.ReadAsync(source);
        var truth = options.Truth is { } path ? await _reader.ReadAsync(path) : file;
        var hidden = file.Video.Any(packet => packet.IsHidden) ? await _reader.ReadAsync(source, MediaReader.WithHidden) : null;
        var manifests = stored.Chunks.Select(chunk => new ManifestView(chunk.Manifest)).ToList();
        var chunks = await _reader.ReadAllAsync(
            [.. stored.Chunks.Zip(manifests,
                (chunk, manifest) =>
                    (chunk.Path,
                        (string[])[.. MediaReader.WithPatience,
                            .. manifest.Any("openGop", "intraRefresh") is null ? [] : MediaReader.WithBroken]))]);
        return new Comparison(file, truth, hidden, [.. manifests.Zip(chunks, (manifest, media) => new JudgedChunk(manifest, media))],
            stored, options).Judge();
    }
}
