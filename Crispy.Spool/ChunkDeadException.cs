namespace Crispy.Spool;

/// <summary>No retry can store a chunk or a loss record. The message is the last error, for people.</summary>
/// <param name="reason">Why: one of the constants of <see cref="DeadReason"/>.</param>
/// <param name="message">The last error.</param>
public sealed class ChunkDeadException(string reason, string message) : Exception(message)
{
    /// <summary>One of the constants of <see cref="DeadReason"/>.</summary>
    public string Reason { get; } = reason;
}
