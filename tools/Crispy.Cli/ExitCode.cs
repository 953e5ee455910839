namespace Crispy.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Well = 0;

    /// <summary>Something is not as it was recorded, or there is nothing at all.</summary>
    public const int Findings = 1;

    /// <summary>It could not be told: a wrong option, a source or a key that cannot be read.</summary>
    public const int Unable = 2;

    /// <summary>Nothing was tampered with, and video is declared lost.</summary>
    public const int DeclaredLosses = 3;
}
