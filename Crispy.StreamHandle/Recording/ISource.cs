using Crispy.Coordination;

namespace Crispy.StreamHandle.Recording;

/// <summary>A stream's source, and what is left of it in the spool. Each call just fails where something is wrong: one loop outside tries
/// again.</summary>
internal interface ISource : IDisposable
{
    /// <summary>Takes the stream's folder for this process, and makes chunks of what was left open.</summary>
    /// <param name="isReadAgain">Whether a finite source is read from its beginning again: then what it left needs no chunks.</param>
    /// <param name="mayBeLast">Whether they may be the chain's last: the stream may be another replica's by now.</param>
    /// <exception cref="IOException">The disk refuses: nothing is lost by it.</exception>
    IAsyncEnumerable<Found> RecoverAsync(bool isReadAgain, bool mayBeLast);

    /// <summary>Records under a lease from now on, or without one.</summary>
    void Take(LeaseGrant? grant);

    /// <summary>Opens the source, and reads it for as long as the connection holds. The last thing that it yields is an
    /// <see cref="Found.End"/>.</summary>
    /// <param name="gapReason">Why its first chunk does not follow on, where it does not.</param>
    /// <param name="stopping">Asks it to close its last chunk and end.</param>
    /// <exception cref="IOException">The disk refuses: nothing is lost by it.</exception>
    IAsyncEnumerable<Found> OpenAsync(string? gapReason, CancellationToken stopping);
}
