using Crispy.AppHost;

namespace Crispy.Testing;

/// <summary>TCP ports of this machine that are free now, and that no other test process and no run of Crispy is about to use.</summary>
public static class FreePort
{
    /// <summary>One free port. It is never given again by this process, and by no other while this one lives.</summary>
    public static int Next() => Port.Free();

    /// <summary>Distinct free ports.</summary>
    public static int[] Several(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];
}
