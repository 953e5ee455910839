using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>Runs a program to its end.</summary>
internal static class Tool
{
    // Build servers would outlive the AppHost.
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_NOLOGO"] = "true", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "true", ["MSBUILDDISABLENODEREUSE"] = "1",
    };

    /// <summary>Its exit code, and what it printed, standard error included. Cancelling kills it.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        ProcessLauncher launcher, string command, IReadOnlyList<string> arguments, string workingDirectory, CancellationToken cancellationToken)
    {
        var lines = new ConcurrentQueue<string>();
        var process = await launcher.StartAsync(new(command, arguments, workingDirectory, Environment), lines.Enqueue).ConfigureAwait(false);
        process.Read();
        await using var killing = cancellationToken.Register(process.KillNow).ConfigureAwait(false);
        var exitCode = await process.Ended.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (exitCode, string.Join('\n', lines));
    }
}

/// <summary>Where what is fetched or shared between runs is kept.</summary>
internal static class ToolFolder
{
    /// <summary>A path in the <c>artifacts/tools/aspire</c> of the source tree that the AppHost is in, or of the AppHost's own folder.</summary>
    public static string Of(IConfiguration configuration, params string[] parts)
    {
        var folder = configuration["AppHost:Directory"]!;
        for (var above = new DirectoryInfo(folder); above is not null; above = above.Parent)
        {
            if (!Path.Exists(Path.Combine(above.FullName, ".git"))) continue;
            folder = above.FullName;
            break;
        }

        return Path.Combine([folder, "artifacts", "tools", "aspire", .. parts]);
    }
}

/// <summary>Makes processes of this machine take turns.</summary>
internal static class FileLock
{
    /// <summary>Waits for the turn; disposing the file ends it, as does the end of the process.</summary>
    public static async Task<FileStream> TakeAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
