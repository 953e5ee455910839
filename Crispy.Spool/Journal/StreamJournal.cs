using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>What a stream must remember across restarts, in <c>stream.json</c>. Workers delete chunks from the spool, so the spool alone
/// cannot tell which sequence numbers are used.</summary>
public sealed record StreamJournal
{
    /// <summary>Name and version of this format.</summary>
    public const string CurrentSchema = "crispy.stream/1";

    /// <summary>Name and version of the format that the journal was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The next chunk's sequence number.</summary>
    public long NextSequence { get; init; }

    /// <summary>SHA-256 of the last manifest's bytes.</summary>
    public string? Previous { get; init; }

    /// <summary>The folder in <c>open/</c> of the ffmpeg whose segments become chunks now, or did last.</summary>
    public string? Run { get; init; }

    /// <summary>When the last chunk of <see cref="Run"/> ends, UTC; null before its first.</summary>
    public DateTimeOffset? RunTo { get; init; }

    /// <summary>How far a finite source has been taken; null where <see cref="Run"/> reads a live one.</summary>
    public SourceProgress? Source { get; init; }

    /// <summary>The last chunk's epoch.</summary>
    public string? Epoch { get; init; }

    /// <summary>When the last chunk ends, UTC.</summary>
    public DateTimeOffset? LastTo { get; init; }

    /// <summary>All chunks, frames and bytes that this spool ever took for the stream.</summary>
    public Captured Captured { get; init; }

    /// <summary>Numbers of the chunks that workers stored, as far as they were counted;
    /// null in a journal that never counted them.</summary>
    public SequenceSet? Stored { get; init; }

    /// <summary>Numbers of the chunks that were declared lost.</summary>
    public SequenceSet? Lost { get; init; }

    /// <summary>The fencing token under which <see cref="Run"/> records; null without leases.</summary>
    public long? LeaseToken { get; init; }

    /// <summary>The newest gaps, oldest first.</summary>
    public IReadOnlyList<Gap>? Gaps { get; init; }

    /// <summary><see cref="Lost"/>, never null.</summary>
    [JsonIgnore]
    public SequenceSet LostOrNone => Lost ?? SequenceSet.Empty;

    /// <summary><see cref="Gaps"/>, never null.</summary>
    [JsonIgnore]
    public IReadOnlyList<Gap> GapsOrNone => Gaps ?? [];

    /// <summary>With more chunks that are stored; one that had been declared lost no longer is.</summary>
    public StreamJournal WithStored(IEnumerable<long> sequences)
    {
        var stored = sequences.ToList();
        return this with { Stored = (Stored ?? SequenceSet.Empty).With(stored), Lost = LostOrNone.Without(stored) };
    }

    /// <summary>With more chunks that are lost, and the time that is missing with them.</summary>
    public StreamJournal WithLost(IEnumerable<long> sequences, IEnumerable<Gap> gaps) =>
        this with { Lost = LostOrNone.With(sequences), Gaps = Gap.Append(GapsOrNone, gaps) };

    /// <summary>The journal after one more chunk.</summary>
    /// <param name="manifest">The chunk's manifest.</param>
    /// <param name="bytes">Its exact bytes.</param>
    public StreamJournal After(ChunkManifest manifest, byte[] bytes) =>
        After(manifest.Sequence, manifest.Epoch, manifest.To, manifest.Frames, manifest.Size, bytes);

    /// <summary>The journal after one more segment that became no chunk; it is not in <see cref="Lost"/> yet.</summary>
    /// <param name="loss">The record that holds its place in the chain.</param>
    /// <param name="bytes">Its exact bytes.</param>
    public StreamJournal After(LossRecord loss, byte[] bytes) =>
        After(loss.Sequence, loss.Epoch, loss.To, loss.Frames ?? 0, loss.Bytes, bytes);

    /// <summary>With one more segment of the finite source that need not be read again; unchanged where the source is live.</summary>
    /// <param name="index">The segment's place in its run, from 0.</param>
    public StreamJournal WithSegment(int index) => Source is null ? this : this with { Source = Source with { Segments = index + 1 } };

    private StreamJournal After(long sequence, string epoch, DateTimeOffset to, long frames, long size, byte[] bytes) => this with
    {
        NextSequence = sequence + 1,
        Previous = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        Epoch = epoch,
        LastTo = to,
        RunTo = to,
        Captured = Captured.Plus(frames, size),
    };

    /// <summary>Reads a journal; an empty one where there is none yet.</summary>
    /// <exception cref="InvalidDataException">The file is no journal: guessing would use sequence numbers twice.</exception>
    public static StreamJournal Read(string path)
    {
        if (!File.Exists(path)) return new();
        try
        {
            var journal = JsonSerializer.Deserialize(File.ReadAllBytes(path), JournalJson.Default.StreamJournal);
            return journal?.Schema == CurrentSchema
                ? journal
                : throw new InvalidDataException($"{path} has not the schema {CurrentSchema}");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path} is no journal: {broken.Message}", broken);
        }
    }

    /// <summary>Writes the journal, durably.</summary>
    public void Write(string path)
    {
        DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, JournalJson.Default.StreamJournal));
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
    }
}

/// <summary>How far a finite source has been taken, so that an interrupted reading goes on where it was.</summary>
/// <param name="Identity">What tells this source, and the way it is cut, from any other .</param>
/// <param name="FirstFrame">UTC time of its first frame.</param>
/// <param name="Segments">Number of its segments, from its beginning, that need not be read again.</param>
/// <param name="IsComplete">Whether it has been read to its end.</param>
public sealed record SourceProgress(string Identity, DateTimeOffset FirstFrame, int Segments = 0, bool IsComplete = false)
{
    /// <summary>What was there of a file that grew while it was read; null for others.</summary>
    public SourceGrowth? Growth { get; init; }

    /// <summary>Whether what is missing of it was declared: once, however often it is tried again.</summary>
    public bool IsMissingDeclared { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StreamJournal))]
internal sealed partial class JournalJson : JsonSerializerContext;
