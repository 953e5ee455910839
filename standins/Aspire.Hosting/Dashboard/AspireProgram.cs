using System.Runtime.InteropServices;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Finds the official <c>aspire</c> program: where <c>ASPIRE_CLI_PATH</c> says (<c>none</c> is nowhere), on the PATH, or in
/// <c>artifacts/tools/aspire</c>, where npm installs it if need be.
/// </summary>
internal sealed class AspireProgram(IConfiguration configuration, ProcessLauncher launcher, Display display)
{
    private const string Version = "13.5.4";

    private static readonly string Package = $"@microsoft/aspire-cli-{Platform}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private readonly string? _npm = Programs.Find("npm", "/");

    /// <summary>Whether it is there, or can be installed.</summary>
    public bool MayBeThere => Existing is not null || (!IsOff && Given is null && _npm is not null);

    private static string Platform => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    private string? Given => configuration["ASPIRE_CLI_PATH"];

    private bool IsOff => string.Equals(Given, "none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Its full path, where it need not be installed; else null.</summary>
    public string? Existing => IsOff ? null : Given is { } given ? (File.Exists(given) ? given : null) : Programs.Find("aspire", "/") ?? Installed;

    private string? Installed => Programs.Find(
        ToolFolder.Of(configuration, ["node_modules", .. Package.Split('/'), "bin", OperatingSystem.IsWindows() ? "aspire.exe" : "aspire"]), "/");

    /// <summary>Its full path; null when it cannot be had, which it says.</summary>
    public async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        if (Existing is { } existing) return existing;
        if (IsOff || Given is not null)
        {
            display.Say(IsOff ? "No dashboard: ASPIRE_CLI_PATH is none." : $"No dashboard: ASPIRE_CLI_PATH names no file: {Given}");
            return null;
        }

        if (_npm is null)
        {
            display.Say("No dashboard: the aspire program is not on the PATH, and there is no npm to install it.");
            return null;
        }

        return await InstallAsync(_npm, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> InstallAsync(string npm, CancellationToken cancellationToken)
    {
        var folder = ToolFolder.Of(configuration);
        using var turn = await FileLock.TakeAsync(ToolFolder.Of(configuration, "install.lock"), cancellationToken).ConfigureAwait(false);
        if (Installed is { } installed) return installed;

        display.Say($"Installing the dashboard ({Package} {Version}) into {folder}");
        var (exitCode, output) = await Tool.RunAsync(
            launcher, npm, ["install", "--prefix", folder, "--no-audit", "--no-fund", "--fetch-retries", "1", "--loglevel", "error", $"{Package}@{Version}"], folder, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0 || Installed is null) display.Say($"No dashboard: npm install {Package}@{Version} failed: {output}");
        return Installed;
    }
}
