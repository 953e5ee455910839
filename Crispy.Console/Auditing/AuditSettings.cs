using System.Globalization;

namespace Crispy.Console.Auditing;

/// <summary>Where the audit log is kept (<c>Crispy:Console:AuditFolder</c> and beside it).</summary>
/// <param name="Folder">The folder; null keeps the newest entries in memory.</param>
/// <param name="FileBytes">Size at which another file is begun, 4 KiB to 1 GiB.</param>
/// <param name="Files">How many files are kept, 2 to 100000.</param>
public sealed record AuditSettings(string? Folder, long FileBytes, int Files)
{
    /// <summary>The key that signs entries: that of reports; null has the console make one.</summary>
    internal string? PrivatePem { get; init; }

    /// <summary>The keys of <c>Crispy:Console</c>.</summary>
    public static readonly string[] ConsoleKeys = ["AuditFolder", "AuditFileBytes", "AuditFiles"];

    /// <summary>Reads and checks them.</summary>
    public static AuditSettings Read(IConfigurationSection section, string? privatePem, List<string> mistakes)
    {
        ArgumentNullException.ThrowIfNull(section);
        return new(
            section["AuditFolder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            Number(section, "AuditFileBytes", 16L << 20, 4096, 1L << 30, mistakes),
            (int)Number(section, "AuditFiles", 64, 2, 100_000, mistakes)) { PrivatePem = privatePem };
    }

    private static long Number(IConfigurationSection section, string key, long otherwise, long least, long most, List<string> mistakes)
    {
        if (section[key] is not { Length: > 0 } text) return otherwise;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        mistakes.Add($"{section.Path}:{key} is '{text}': must be a whole number from {least} to {most}");
        return otherwise;
    }
}
