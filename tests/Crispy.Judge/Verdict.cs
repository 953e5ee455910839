using System.Globalization;
using System.Text;

namespace Crispy.Judge;

/// <summary>Something in which what was stored differs from the source.</summary>
/// <param name="Kind"><c>packets</c>, <c>pictures</c>, <c>times</c>, <c>seam</c>, <c>duration</c>, <c>frames</c>, <c>fps</c>, <c>span</c>,
/// <c>shape</c>, <c>sound</c>, <c>decoder</c> or <c>file</c>.</param>
/// <param name="Chunk">The chunk's place in the stream; null where it concerns the whole.</param>
/// <param name="Text">What is wrong, with numbers.</param>
/// <param name="ToldBy">The flag, field or loss record that says so; null where nothing does.</param>
public sealed record Finding(string Kind, int? Chunk, string Text, string? ToldBy)
{
    /// <inheritdoc />
    public override string ToString() =>
        $"{Kind}{(Chunk is { } chunk ? $" of chunk {chunk}" : "")}: {Text}{(ToldBy is null ? "" : $" [told: {ToldBy}]")}";
}

/// <summary>What a chunk looks like beside the source.</summary>
/// <param name="Index">Its place in the stream.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="At">Seconds from the first chunk's <c>from</c>.</param>
/// <param name="Duration">Seconds, as its manifest says.</param>
/// <param name="Frames">As its manifest says.</param>
/// <param name="Decoded">Pictures that a decoder shows of it alone.</param>
/// <param name="Right">Those among them that are the source's.</param>
/// <param name="WorstError">The greatest error of a picture's time, in seconds.</param>
/// <param name="Said">Its flags and the fields that explain it.</param>
public sealed record ChunkRow(int Index, string Epoch, double At, double Duration, long Frames, int Decoded, int Right,
    double WorstError, string Said);

/// <summary>How what was stored compares with its source.</summary>
public sealed record Verdict
{
    /// <summary>Pictures that the source shows.</summary>
    public int SourcePictures { get; init; }

    /// <summary>Pictures of chunks, each decoded alone, that are the source's.</summary>
    public int Right { get; init; }

    /// <summary>Pictures of the source that no chunk shows.</summary>
    public int Missing { get; init; }

    /// <summary>Pictures of chunks that are none of the source's, or one of its again.</summary>
    public int Extra { get; init; }

    /// <summary>Pictures that stand before one that the source shows earlier.</summary>
    public int OutOfOrder { get; init; }

    /// <summary>NAL units or packets of the source's video.</summary>
    public int SourceUnits { get; init; }

    /// <summary>Units that are in no chunk.</summary>
    public int MissingUnits { get; init; }

    /// <summary>Units that are in a chunk and not in the source, or there once more.</summary>
    public int ExtraUnits { get; init; }

    /// <summary>Pictures whose time is off by more than the tolerance.</summary>
    public int LatePictures { get; init; }

    /// <summary>The greatest error of a picture's time within its epoch, in seconds.</summary>
    public double WorstError { get; init; }

    /// <summary>The greatest error of a sound packet's time against the picture, in seconds.</summary>
    public double WorstSoundError { get; init; }

    /// <summary>Sound packets of the source that are in no chunk; 0 where the sound was encoded.</summary>
    public int MissingSound { get; init; }

    /// <summary>Seconds of the source, steps back of its clock left out.</summary>
    public double SourceSpan { get; init; }

    /// <summary>Sum of the chunks' durations, in seconds.</summary>
    public double Durations { get; init; }

    /// <summary>Seconds between chunks where the manifest says that they do not follow on.</summary>
    public double ToldGaps { get; init; }

    /// <summary>The chunks.</summary>
    public IReadOnlyList<ChunkRow> Chunks { get; init; } = [];

    /// <summary>All that differs.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What differs without a word.</summary>
    public IReadOnlyList<Finding> Silent => [.. Findings.Where(finding => finding.ToldBy is null)];

    /// <summary>What differs and is told.</summary>
    public IReadOnlyList<Finding> Told => [.. Findings.Where(finding => finding.ToldBy is not null)];

    /// <summary>The numbers in one line.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{(Silent.Count == 0 ? "ok" : "WRONG")}: {Chunks.Count} chunks, pictures {Right}/{SourcePictures} right, {Missing} missing, "
            + $"{Extra} extra, {OutOfOrder} out of order; "
        + $"units {SourceUnits - MissingUnits}/{SourceUnits}, {ExtraUnits} extra; times off by at most {WorstError * 1000:0.###} ms, "
        + $"{LatePictures} beyond tolerance; "
        + $"{Durations:0.######} s + {ToldGaps:0.######} s of gaps for {SourceSpan:0.######} s; sound {MissingSound} missing, "
        + $"{WorstSoundError * 1000:0.#} ms off; {Silent.Count} without a word, {Told.Count} told");

    /// <summary>The summary, a table of the chunks, and the findings.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Summary).AppendLine();
        text.AppendLine("chunk  epoch                     at    duration  frames  decoded  right   error ms  said");
        foreach (var row in Chunks)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{row.Index,5}  {row.Epoch,-19} {row.At,12:0.000000} {row.Duration,10:0.000000} {row.Frames,7} {row.Decoded,8} "
                    + $"{row.Right,6} {row.WorstError * 1000,10:0.000}  {row.Said}");
        foreach (var finding in Findings.Take(40)) text.Append("- ").AppendLine(finding.ToString());
        if (Findings.Count > 40) text.AppendLine(CultureInfo.InvariantCulture, $"- and {Findings.Count - 40} more");
        return text.ToString();
    }
}
