using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>What a notice is about.</summary>
[JsonConverter(typeof(ApiEnumConverter<NoticeKind>))]
public enum NoticeKind
{
    /// <summary>A kind that this version does not know.</summary>
    Unknown,

    /// <summary>Cameras that do not record although they should, and are back.</summary>
    Camera,

    /// <summary>The bucket cannot be used, and can again.</summary>
    Bucket,

    /// <summary>RabbitMQ cannot be used, and can again.</summary>
    Broker,

    /// <summary>No upload-worker tells of itself, and one does again.</summary>
    Workers,

    /// <summary>A stream-handle does not answer, and does again.</summary>
    StreamHandle,

    /// <summary>The spool lasts less than an hour while nothing is stored, or is full.</summary>
    Spool,

    /// <summary>Chunks were declared lost.</summary>
    Loss,

    /// <summary>Chunks became dead letters.</summary>
    Dead,

    /// <summary>Chunks are nowhere: the conservation law does not hold.</summary>
    Law,

    /// <summary>A certificate is soon over.</summary>
    Certificate,

    /// <summary>Somebody tried whether notices arrive.</summary>
    Test,
}

/// <summary>Whether something begins or ends.</summary>
[JsonConverter(typeof(ApiEnumConverter<NoticeState>))]
public enum NoticeState
{
    /// <summary>A state that this version does not know.</summary>
    Unknown,

    /// <summary>It begins. What begins ends with the same <see cref="Notice.Key"/>.</summary>
    Begin,

    /// <summary>It goes on, and something about it changed: some of several cameras are back.</summary>
    Update,

    /// <summary>It is over.</summary>
    End,

    /// <summary>It happened, and has no end.</summary>
    News,
}

/// <summary>Something that people are told.</summary>
public sealed record Notice
{
    /// <summary>Its id, the same however often it is sent: <c>msg_</c> and 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>What it is about.</summary>
    public NoticeKind Kind { get; init; }

    /// <summary>Whether it begins or ends.</summary>
    public NoticeState State { get; init; }

    /// <summary>How bad it is now.</summary>
    public Level Level { get; init; }

    /// <summary>How bad it was, where it ends; else as <see cref="Level"/>.</summary>
    public Level Worst { get; init; }

    /// <summary>What begins and ends: <c>bucket</c>, <c>camera/gate</c>. No two that are open have the same.</summary>
    public required string Key { get; init; }

    /// <summary>What is so, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>What to do; empty where nothing need be done.</summary>
    public string Advice { get; init; } = "";

    /// <summary>When it was noticed, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Since when it is so, or was, UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How many cameras, or chunks, it is about.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The ids of the cameras that it is about, 100 at most; empty where it is about none.</summary>
    public IReadOnlyList<string> Cameras { get; init; } = [];
}
