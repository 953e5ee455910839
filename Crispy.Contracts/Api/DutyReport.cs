using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>What is true now, and what needs a person, in one answer: <c>GET /api/duty</c>.</summary>
public sealed record DutyReport
{
    /// <summary>When this was true, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The worst of <see cref="Items"/>; good without any.</summary>
    public Level Level { get; init; } = Level.Good;

    /// <summary>All of it in one line for people.</summary>
    public string Text { get; init; } = "";

    /// <summary>The cameras.</summary>
    public CameraDuty Cameras { get; init; } = new(0, 0, 0, 0);

    /// <summary>The bucket, as the upload-workers find it.</summary>
    public ServiceDuty Bucket { get; init; } = ServiceDuty.Unknown;

    /// <summary>RabbitMQ.</summary>
    public ServiceDuty Broker { get; init; } = ServiceDuty.Unknown;

    /// <summary>Redis.</summary>
    public ServiceDuty Redis { get; init; } = ServiceDuty.Unknown;

    /// <summary>What is recorded and not stored yet.</summary>
    public WaitingDuty Waiting { get; init; } = new(0, 0, null);

    /// <summary>The spool's disk.</summary>
    public DiskDuty Disk { get; init; } = new(0, 0, 0, null, false, false);

    /// <summary>What went wrong since yesterday.</summary>
    public RecentDuty Recent { get; init; } = new(default, 0, 0);

    /// <summary>Dead letters that lie there now.</summary>
    public long Dead { get; init; }

    /// <summary>Chunks that are nowhere: captured less stored, waiting, dead and lost; 0 is right.</summary>
    public long Balance { get; init; }

    /// <summary>The certificates of stream-handle and the upload-workers, and those that RabbitMQ and Redis showed them;
    /// the first to end first.</summary>
    public IReadOnlyList<CertificateDuty> Certificates { get; init; } = [];

    /// <summary>stream-handles that do not answer the console; null where all do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AwayReport>? Away { get; init; }

    /// <summary>What needs a look, worst first.</summary>
    public IReadOnlyList<DutyItem> Items { get; init; } = [];
}

/// <summary>Cameras, as numbers.</summary>
/// <param name="Total">All that are configured or were added.</param>
/// <param name="Recording">Those that record.</param>
/// <param name="InTrouble">Those that should and do not, or record nothing.</param>
/// <param name="Idle">Those that need not: paused, at their end, or another stream-handle's.</param>
public sealed record CameraDuty(int Total, int Recording, int InTrouble, int Idle);

/// <summary>A server that Crispy needs.</summary>
/// <param name="Well">Whether it can be used; null where that is not known.</param>
/// <param name="Since">Since when that is so, UTC; null where that is not known.</param>
/// <param name="Reason">Why it cannot be used, or why that is not known; null while it is well.</param>
public sealed record ServiceDuty(bool? Well, DateTimeOffset? Since, string? Reason)
{
    /// <summary>Nothing is known yet.</summary>
    public static ServiceDuty Unknown { get; } = new(null, null, null);
}

/// <summary>What is recorded and not stored yet.</summary>
/// <param name="Chunks">Number of chunks.</param>
/// <param name="Bytes">Bytes of all files in the spool, open segments included.</param>
/// <param name="Since">Since when the oldest has waited, UTC; null while none waits.</param>
public sealed record WaitingDuty(long Chunks, long Bytes, DateTimeOffset? Since);

/// <summary>The spool's disk.</summary>
/// <param name="LeftBytes">What the spool may still take.</param>
/// <param name="LimitBytes">What it may hold in all.</param>
/// <param name="BytesPerSecond">What the cameras bring now.</param>
/// <param name="SecondsLeft">How long the rest lasts at that rate while nothing is stored; null while nothing is recorded.</param>
/// <param name="IsFull">Whether it is full: live streams lose chunks or stop, files are held back.</param>
/// <param name="IsOthers">Whether others' files fill the volume.</param>
public sealed record DiskDuty(long LeftBytes, long LimitBytes, double BytesPerSecond, double? SecondsLeft, bool IsFull, bool IsOthers);

/// <summary>What went wrong lately.</summary>
/// <param name="Since">From when on it is counted, UTC: a day ago, or when the process started.</param>
/// <param name="Lost">Chunks that were declared lost.</param>
/// <param name="Dead">Chunks that died.</param>
public sealed record RecentDuty(DateTimeOffset Since, long Lost, long Dead);

/// <summary>What something to look at is about.</summary>
[JsonConverter(typeof(ApiEnumConverter<DutyKind>))]
public enum DutyKind
{
    /// <summary>A kind that this version does not know.</summary>
    Unknown,

    /// <summary>The bucket cannot be used.</summary>
    Bucket,

    /// <summary>RabbitMQ cannot be used.</summary>
    Broker,

    /// <summary>Redis cannot be used.</summary>
    Redis,

    /// <summary>No upload-worker tells of itself.</summary>
    Workers,

    /// <summary>A stream-handle does not answer.</summary>
    StreamHandle,

    /// <summary>Cameras that do not record although they should.</summary>
    Cameras,

    /// <summary>Chunks wait longer than they should.</summary>
    Waiting,

    /// <summary>The spool is full, or soon will be.</summary>
    Disk,

    /// <summary>Chunks were lost.</summary>
    Losses,

    /// <summary>Chunks that no retry can store.</summary>
    Dead,

    /// <summary>Chunks that are nowhere.</summary>
    Law,

    /// <summary>A certificate is soon over.</summary>
    Certificate,
}

/// <summary>Something to look at.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">What is so, in a sentence.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Since">Since when, UTC; null where that is not known.</param>
public sealed record DutyItem(DutyKind Kind, Level Level, string Text, string Advice, DateTimeOffset? Since = null);
