using Crispy.Contracts.Api;

namespace Crispy.Coordination;

/// <summary>What an upload-worker last said of itself.</summary>
/// <param name="Replica">The worker's name: letters, digits, '.', '_' and '-'.</param>
/// <param name="Spool">The spool that it empties.</param>
/// <param name="At">When it said so, UTC, by its own clock.</param>
/// <param name="Bucket">Whether it can use the bucket.</param>
/// <param name="Broker">Whether it can use RabbitMQ.</param>
/// <param name="Uploading">Uploads that go on now.</param>
public sealed record WorkerReport(string Replica, string Spool, DateTimeOffset At, ServerView Bucket, ServerView Broker, int Uploading)
{
    /// <summary>Until when its certificates hold; empty where it does not say.</summary>
    public IReadOnlyList<CertificateDuty> Certificates { get; init; } = [];
}

/// <summary>How a worker finds another server.</summary>
/// <param name="Well">Whether the server can be used.</param>
/// <param name="Since">Since when it cannot, UTC; null while it can.</param>
/// <param name="Reason">Why not, in one sentence; null while it can be used.</param>
public sealed record ServerView(bool Well, DateTimeOffset? Since, string? Reason)
{
    /// <summary>A server that can be used.</summary>
    public static ServerView IsWell { get; } = new(true, null, null);

    /// <summary>A server that cannot.</summary>
    public static ServerView Away(DateTimeOffset since, string reason) => new(false, since, reason);
}
