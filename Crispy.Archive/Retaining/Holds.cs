namespace Crispy.Archive;

/// <summary>A range that must be kept at any age.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC; what lies in the future is cut off.</param>
/// <param name="Note">Why: at most 200 characters; null leaves the notes that there are.</param>
public sealed record HoldRequest(DateTimeOffset? From, DateTimeOffset? To, string? Note);

/// <summary>What became of holding a range, or of releasing it. Doing it again does what is left.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Held">Whether it was to be held, or released.</param>
/// <param name="Objects">Chunks and loss records of the range that the bucket has.</param>
/// <param name="Changed">Those that were not so before, and are now.</param>
/// <param name="Already">Those that were so before.</param>
/// <param name="Failed">Those that are not so now.</param>
/// <param name="Failures">The first 20 of them, each with the reason.</param>
/// <param name="Waiting">Chunks of the range that wait in a spool: they are not in the bucket yet, and so are not held.</param>
/// <param name="Bytes">Bytes of all objects.</param>
/// <param name="Spool">Whether the spools were asked: if not, nothing is known of what waits.</param>
public sealed record HoldReport(string Stream, DateTimeOffset From, DateTimeOffset To, bool Held, int Objects, int Changed, int Already,
    int Failed,
    IReadOnlyList<HoldFailure> Failures, int Waiting, long Bytes, SpoolAnswer Spool);

/// <summary>An object that could not be held, or released.</summary>
/// <param name="Object">Its name.</param>
/// <param name="Error">Why.</param>
public sealed record HoldFailure(string Object, string Error);

/// <summary>A range that is held.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Note">What was noted; null without a note.</param>
/// <param name="Chunks">How many chunks.</param>
/// <param name="LossRecords">How many loss records.</param>
/// <param name="Bytes">How many bytes.</param>
public sealed record Hold(DateTimeOffset From, DateTimeOffset To, string? Note, int Chunks, int LossRecords, long Bytes);

/// <summary>What of a stream is held.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Items">By time.</param>
public sealed record HoldPage(string Stream, IReadOnlyList<Hold> Items);
