using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>Where a stream stands.</summary>
[JsonConverter(typeof(ApiEnumConverter<StreamState>))]
public enum StreamState
{
    /// <summary>A state that this version does not know.</summary>
    Unknown,

    /// <summary>Its source is being opened.</summary>
    Starting,

    /// <summary>Its ffmpeg runs and has had a picture of it.</summary>
    Running,

    /// <summary>Its live source is away; the next try comes after a pause.</summary>
    Backoff,

    /// <summary>Its finite source is at its end, or it was stopped.</summary>
    Ended,

    /// <summary>Another replica records it.</summary>
    Standby,

    /// <summary>No further try can help: the configuration or the source must change.</summary>
    Failed,

    /// <summary>It is not recorded until somebody resumes it.</summary>
    Paused,

    /// <summary>It is no longer there; what its spool still holds is published.</summary>
    Removed,
}

/// <summary>Whether a stream's source has an end.</summary>
[JsonConverter(typeof(ApiEnumConverter<StreamKind>))]
public enum StreamKind
{
    /// <summary>A kind that this version does not know.</summary>
    Unknown,

    /// <summary>A file, or what is read like one.</summary>
    Finite,

    /// <summary>A camera, or what is read like one.</summary>
    Live,
}

/// <summary>Who decides what a stream is.</summary>
[JsonConverter(typeof(ApiEnumConverter<StreamOrigin>))]
public enum StreamOrigin
{
    /// <summary>An origin that this version does not know.</summary>
    Unknown,

    /// <summary>The configuration: only that can change it.</summary>
    Configured,

    /// <summary>The API.</summary>
    Api,
}
