using Crispy.Coordination;

namespace Crispy.StreamHandle.Supervising;

/// <summary>Decides which streams are this replica's to record, and until when. Safe for concurrent use.</summary>
public interface ILeases
{
    /// <summary>Whether streams are shared at all.</summary>
    bool IsOn { get; }

    /// <summary>Why leases can be neither got nor renewed now; null while they can.</summary>
    string? Trouble { get; }

    /// <summary>This replica's name among the others.</summary>
    string Replica { get; }

    /// <summary>Waits until this replica is to record a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="status">Tells what is known of it, for as long as it is held.</param>
    /// <param name="stopping">Ends the waiting, and later the time.</param>
    /// <returns>Null when asked to stop meanwhile.</returns>
    Task<Tenure?> AwaitAsync(string stream, Func<StreamStatus> status, CancellationToken stopping);

    /// <summary>Notes what was recorded last, and tells it soon.</summary>
    void Note(Tenure tenure, LeasedLink last);

    /// <summary>Says that there are other streams to be shared than before.</summary>
    void Changed();

    /// <summary>Lets a stream that is about to be given up come back here: it only begins again.</summary>
    void Keep(string stream);

    /// <summary>Gives up a stream whose runner has ended, where it is still held. One that is at its end is kept for as long as somebody
    /// wants it.</summary>
    Task GiveUpAsync(string stream);

    /// <summary>Gives a stream up, after its last chunk.</summary>
    Task EndAsync(string stream, Tenure tenure);
}
