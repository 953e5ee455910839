namespace Crispy.Exporting;

/// <summary>An export, or its check, cannot be done; the message is for people.</summary>
public class ExportException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A program that is needed is not installed.</summary>
public sealed class MissingProgramException(string program, Exception? cause = null)
    : ExportException($"{program} is missing: apt-get install ffmpeg", cause);

/// <summary>A container cannot hold what was recorded; the message says what can be done.</summary>
public sealed class DoesNotFitException(string message) : ExportException(message);
