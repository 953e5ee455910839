using System.Diagnostics;
using Crispy.Cli.Api;
using Crispy.Cli.Local;

namespace Crispy.Cli.Exporting;

/// <summary>Runs ffmpeg and ffprobe of <c>PATH</c>.</summary>
internal static class Ffmpeg
{
    /// <summary>Names what is missing before anything is begun.</summary>
    /// <exception cref="UnableException">One is not installed.</exception>
    public static void Require()
    {
        foreach (var program in (string[])["ffmpeg", "ffprobe"])
            if (Programs.Find(program) is null) throw new UnableException($"{program} is missing: apt-get install ffmpeg");
    }

    /// <summary>Runs one to its end.</summary>
    /// <param name="program"><c>ffmpeg</c> or <c>ffprobe</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs; null for here.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="CommandException">It failed; the message holds its last words.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" })
            ?? throw new UnableException($"{program} does not start");
        process.StandardInput.Close();
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            var said = (await errors).Trim().Split('\n')[^1];
            return process.ExitCode == 0 ? await output : throw new CommandException(ExitCode.Findings, $"{program} ended with {process.ExitCode}: {said}");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
