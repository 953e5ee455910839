using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>The states of a chunk that events tell of.</summary>
[JsonConverter(typeof(ApiEnumConverter<ChunkEventState>))]
public enum ChunkEventState
{
    /// <summary>A state that this version does not know.</summary>
    Unknown,

    /// <summary>It lies ready in the spool and is offered to the workers.</summary>
    Queued,

    /// <summary>The bucket holds it.</summary>
    Stored,

    /// <summary>No retry can store it.</summary>
    Dead,

    /// <summary>It was declared lost.</summary>
    Lost,
}

/// <summary>A chunk that entered a state.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="From">UTC time of its first frame; null where that cannot be read.</param>
/// <param name="To">UTC time at which its last frame ends; null where that cannot be read.</param>
/// <param name="State">The state.</param>
public sealed record ChunkEvent(string Chunk, string Stream, DateTimeOffset? From, DateTimeOffset? To, ChunkEventState State);

/// <summary>A stream that is gone.</summary>
/// <param name="Id">Its id.</param>
public sealed record RemovedEvent(string Id);
