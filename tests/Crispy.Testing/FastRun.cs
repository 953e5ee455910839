namespace Crispy.Testing;

/// <summary><c>./test.sh --fast</c> runs the tests that need nothing (<c>[Trait("Needs", "nothing")]</c>), and starts no server.</summary>
public static class FastRun
{
    /// <summary>Whether this is one.</summary>
    public static bool IsOne { get; } = Environment.GetEnvironmentVariable("CRISPY_TESTS") == "fast";
}
