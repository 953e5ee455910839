namespace Crispy.Archive;

/// <summary>What was asked for makes no sense; answered with 400.</summary>
/// <param name="field">The query parameter, or the argument, that is wrong.</param>
/// <param name="message">Why, with its value.</param>
public sealed class ArchiveQueryException(string field, string message) : Exception(message)
{
    /// <summary>The query parameter, or the argument, that is wrong.</summary>
    public string Field { get; } = field;
}

/// <summary>Neither the bucket nor a spool has it; answered with 404.</summary>
public sealed class NotInArchiveException(string message) : Exception(message);

/// <summary>The machine has too much to do for this now; answered with 503.</summary>
public sealed class ArchiveBusyException(string message) : Exception(message);

/// <summary>The bucket does not answer, or refuses; answered with 503.</summary>
public sealed class ArchiveAwayException(string message, Exception? cause = null) : Exception(message, cause);
