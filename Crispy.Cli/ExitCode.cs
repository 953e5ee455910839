namespace Crispy.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Well = 0;

    /// <summary>Something is not as it should be, or as it was recorded; or the API refused.</summary>
    public const int Findings = 1;

    /// <summary>It could not be told or done here: a wrong option, an unreadable file or key, a program that is not installed.</summary>
    public const int Unable = 2;

    /// <summary>Of <c>verify</c>: nothing was tampered with, and video is declared lost.</summary>
    public const int DeclaredLosses = 3;

    /// <summary>Of all commands that use the API: it cannot be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>The API wants a token, or another one.</summary>
    public const int NoAccess = 4;

    /// <summary>Ctrl-C, or the process was told to end.</summary>
    public const int Interrupted = 130;
}
