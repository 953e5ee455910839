using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Api;

/// <summary>One dead chunk: no retry can mend it, and a person may look at it, mend what is wrong, and replay it.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Reason">The kind of failure: <c>conflict</c>, <c>damaged</c>, <c>missing</c>, <c>link</c>, <c>invalid</c> or <c>unknown</c>.</param>
/// <param name="Error">The last error, in one line.</param>
/// <param name="At">When it was put aside, UTC; null where that is not known.</param>
/// <param name="Size">Bytes of the file as it lies there; null where there is none.</param>
/// <param name="ManifestSize">Bytes that its manifest says; null where that cannot be read.</param>
/// <param name="From">UTC time of its first frame; null where the manifest cannot be read.</param>
/// <param name="To">UTC time at which its last frame ends; null where the manifest cannot be read.</param>
/// <param name="Object">The object's name that it would have; null where the manifest cannot be read.</param>
/// <param name="Replayable">Whether a replay is possible: there is a file, and a manifest that can be read.</param>
public sealed record DeadChunk(
    string Chunk, string Reason, string Error, DateTimeOffset? At, long? Size, long? ManifestSize, DateTimeOffset? From, DateTimeOffset? To, string? Object, bool Replayable);

/// <summary>A page of dead chunks, by stream and then by sequence number.</summary>
/// <param name="Total">How many there are in all, of the stream if one was asked for.</param>
/// <param name="Chunks">This page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record DeadPage(int Total, IReadOnlyList<DeadChunk> Chunks, string? Next);

/// <summary>A chunk that was replayed.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="State">The state it is in: <c>queued</c>.</param>
public sealed record ReplayedChunk(string Chunk, string State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeadPage))]
[JsonSerializable(typeof(ReplayedChunk))]
internal sealed partial class DeadJson : JsonSerializerContext;
