using Crispy.Spool;

namespace Crispy.StreamHandle.Queueing;

/// <summary>Tells workers about what lies ready. Returns at once, in whichever state the broker is.</summary>
public interface IChunkPublisher
{
    /// <summary>What keeps chunks from being published; null when nothing does.</summary>
    string? Trouble { get; }

    /// <summary>Whether every chunk offered so far is confirmed, or left to the sweep.</summary>
    bool IsIdle { get; }

    /// <summary>Takes a ready chunk.</summary>
    void Offer(SpooledChunk chunk);

    /// <summary>Takes a ready loss record.</summary>
    void Offer(SpooledLoss loss);

    /// <summary>Publishes a ready chunk although a message for it may have been published before: what it led to was undone.</summary>
    /// <param name="manifestPath">Its manifest.</param>
    void PublishAnew(string manifestPath);
}
