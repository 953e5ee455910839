namespace Crispy.Console.Auditing;

/// <summary>Where the audit log is kept (<c>Crispy:Console:AuditFolder</c> and beside it).</summary>
/// <param name="Folder">The folder; null keeps the newest entries in memory.</param>
/// <param name="FileBytes">Size at which another file is begun, 4 KiB to 1 GiB.</param>
/// <param name="Files">How many files are kept, 2 to 100000.</param>
public sealed record AuditSettings(string? Folder, long FileBytes, int Files)
{
    /// <summary>The key that signs entries: that of reports; null has the console make one.</summary>
    internal string? PrivatePem { get; init; }

    /// <summary>Reads and checks them.</summary>
    /// <param name="console">The section <c>Crispy:Console</c>.</param>
    /// <param name="privatePem">The key that signs entries.</param>
    public static AuditSettings Read(SectionReader console, string? privatePem)
    {
        ArgumentNullException.ThrowIfNull(console);
        return new(console.FullPath("AuditFolder"), console.Number("AuditFileBytes", 4096, 1L << 30) ?? 16L << 20,
            console.Number("AuditFiles", 2, 100_000) ?? 64) { PrivatePem = privatePem };
    }
}
