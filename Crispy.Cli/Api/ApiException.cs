namespace Crispy.Cli.Api;

/// <summary>A command that ends early; the message is for people.</summary>
internal class CommandException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The process's exit code.</summary>
    public int ExitCode => exitCode;
}

/// <summary>It cannot be done as it was asked for, or not on this machine.</summary>
internal sealed class UnableException(string message, Exception? cause = null) : CommandException(Cli.ExitCode.Unable, message, cause);

/// <summary>The API does not answer; the message names its address.</summary>
internal sealed class UnreachableException(string message, Exception? cause = null)
    : CommandException(Cli.ExitCode.Unreachable, message, cause);

/// <summary>The API answered, and refused.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">Why, for people.</param>
internal sealed class RefusedException(int status, string message)
    : CommandException(status is 401 or 403 ? Cli.ExitCode.NoAccess : Cli.ExitCode.Findings, message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;
}
