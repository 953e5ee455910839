using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>One dead chunk: no retry can store it. A person may look at it, repair what is wrong, and replay it.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Reason">The kind of failure: <c>conflict</c>, <c>damaged</c>, <c>missing</c>, <c>link</c>,
/// <c>invalid</c> or <c>unknown</c>.</param>
/// <param name="Error">The last error, in one line.</param>
/// <param name="At">When it was put aside, UTC; null where that is not known.</param>
/// <param name="Size">Bytes of the file as it lies there; null where there is none.</param>
/// <param name="ManifestSize">Bytes that its manifest says; null where that cannot be read.</param>
/// <param name="From">UTC time of its first frame; null where the manifest cannot be read.</param>
/// <param name="To">UTC time at which its last frame ends; null where the manifest cannot be read.</param>
/// <param name="Object">The object's name that it would have; null where the manifest cannot be read.</param>
/// <param name="Replayable">Whether a replay is possible: there is a file, and a manifest that can be read.</param>
public sealed record DeadChunk(
    string Chunk, string Reason, string Error, DateTimeOffset? At, long? Size, long? ManifestSize, DateTimeOffset? From, DateTimeOffset? To,
    string? Object, bool Replayable)
{
    /// <summary>What its file is now; only where one chunk is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeadFile? Probe { get; init; }
}

/// <summary>The file of a dead chunk as it lies on the disk now, read from its first byte to its last.</summary>
/// <param name="Readable">Whether frames of video can be read from it, all of them or some.</param>
/// <param name="Error">What is wrong with it: missing, a link, not readable, cut off, broken; null where nothing is.</param>
/// <param name="Container"><c>mkv</c>, <c>mp4</c> or <c>ts</c>, by its content; null where it is none of them.</param>
/// <param name="Duration">Seconds from its first frame to the end of its last one; null where no frame can be read.</param>
/// <param name="Video">Its video; null where none is described.</param>
/// <param name="Audio">Its audio; null where there is none.</param>
/// <param name="Size">Its bytes; null where there is no file.</param>
/// <param name="SizeExpected">Bytes that its manifest says; null where that cannot be read.</param>
/// <param name="Sha256Matches">Whether its bytes are those that its manifest describes; null where file or manifest cannot be read.</param>
/// <param name="Signature">Of its manifest: <c>verified</c>, <c>invalid</c> (also where it is another chunk's),
/// <c>missing</c> or <c>unknownKey</c>.</param>
public sealed record DeadFile(
    bool Readable, string? Error, string? Container, double? Duration, DeadVideo? Video, DeadAudio? Audio, long? Size, long? SizeExpected,
    bool? Sha256Matches, string Signature);

/// <summary>The video of a dead chunk's file.</summary>
/// <param name="Codec">As ffmpeg names it.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Fps">Frames a second on average; null where the duration is not known.</param>
/// <param name="Frames">Frames that can be read.</param>
public sealed record DeadVideo(string Codec, int Width, int Height, double? Fps, long Frames);

/// <summary>The audio of a dead chunk's file.</summary>
/// <param name="Codec">As ffmpeg names it.</param>
public sealed record DeadAudio(string Codec);

/// <summary>A page of dead chunks, by stream and then by sequence number.</summary>
/// <param name="Total">How many there are in all, of the stream if one was asked for.</param>
/// <param name="Items">This page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record DeadPage(int Total, IReadOnlyList<DeadChunk> Items, string? Next)
{
    /// <summary>Files that lay among the streams' own and are not: unsigned, signed by a foreign key, or of a number that was never given.
    /// They are counted nowhere.</summary>
    public IReadOnlyList<QuarantinedFile> Quarantined { get; init; } = [];
}

/// <summary>A chunk that was replayed.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="State">The state it is in: <c>queued</c>.</param>
public sealed record ReplayedChunk(string Chunk, string State);

/// <summary>Why a dead chunk is discarded.</summary>
/// <param name="Reason">In words, up to 200 characters; becomes the <c>note</c> of the signed loss record.</param>
public sealed record DiscardRequest(string? Reason);

/// <summary>A dead chunk that was discarded.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="State">The state it is in: <c>lost</c>.</param>
/// <param name="Object">The name under which its loss record will be stored.</param>
public sealed record DiscardedChunk(string Chunk, string State, string Object);

/// <summary>Several dead chunks.</summary>
/// <param name="Chunks">Their ids: 1 to 1000.</param>
/// <param name="Reason">Why they are discarded, up to 200 characters; of no meaning for a replay.</param>
public sealed record DeadSelection(IReadOnlyList<string> Chunks, string? Reason);

/// <summary>What became of several dead chunks.</summary>
/// <param name="Results">In the order in which they were given.</param>
public sealed record DeadResults(IReadOnlyList<DeadResult> Results);

/// <summary>What became of one of them.</summary>
/// <param name="Chunk">Its id, as it was given.</param>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Error">Why not; null where it was.</param>
/// <param name="Problem">What kind of problem that is (<see cref="ProblemTypes"/>); null where it has no kind.</param>
public sealed record DeadResult(string Chunk, bool Ok, string? Error, string? Problem = null);

/// <summary>A file that lay in a stream's folders and is not its stream-handle's.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="File">Its path below the stream's folder, as in <c>quarantine/dead/20261126T110000000Z-90000000.json</c>.</param>
/// <param name="Reason">What speaks against it, for people.</param>
public sealed record QuarantinedFile(string Stream, string File, string Reason);
