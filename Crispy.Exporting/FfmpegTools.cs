using System.ComponentModel;
using System.Diagnostics;

namespace Crispy.Exporting;

/// <summary>Runs ffmpeg and ffprobe to their ends.</summary>
/// <param name="Folder">Where they are; null for <c>PATH</c>.</param>
/// <param name="IsBackground">Whether they give way to everything else on the machine.</param>
public sealed record FfmpegTools(string? Folder = null, bool IsBackground = false)
{
    private const int LongestSaid = 500;

    /// <summary>Runs one.</summary>
    /// <param name="program"><c>ffmpeg</c> or <c>ffprobe</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs; null for here.</param>
    /// <param name="cancellation">Kills it, and waits until it is gone.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="ExportException">It failed; the message holds its last words.</exception>
    public async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancellation)
    {
        var text = "";
        await ReadAsync(program, arguments, folder,
            async output => text = await output.ReadToEndAsync(cancellation).ConfigureAwait(false), cancellation)
            .ConfigureAwait(false);
        return text;
    }

    /// <summary>Runs one whose output is too long to be held in memory.</summary>
    /// <param name="program"><c>ffmpeg</c> or <c>ffprobe</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs; null for here.</param>
    /// <param name="read">Reads what it prints, to the end.</param>
    /// <param name="cancellation">Kills it, and waits until it is gone.</param>
    /// <exception cref="ExportException">It failed; the message holds its last words.</exception>
    public async Task ReadAsync(string program, IEnumerable<string> arguments, string? folder, Func<StreamReader, Task> read,
        CancellationToken cancellation)
    {
        using var process = Start(program, arguments, folder);
        try
        {
            var errors = LastWordsAsync(process.StandardError, cancellation);
            await read(process.StandardOutput).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            var said = await errors.ConfigureAwait(false);
            if (process.ExitCode != 0) throw new ExportException($"{program} ended with {process.ExitCode}: {said}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private Process Start(string program, IEnumerable<string> arguments, string? folder)
    {
        var path = Folder is null ? program : Path.Combine(Folder, program);
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "",
        };
        try
        {
            var process = Process.Start(start) ?? throw new ExportException($"{program} does not start");
            process.StandardInput.Close();
            if (IsBackground) process.GiveWay();
            return process;
        }
        catch (Win32Exception absent)
        {
            throw new MissingProgramException(program, absent);
        }
    }

    // A damaged file makes ffmpeg complain of every packet: only the end is kept.
    private static async Task<string> LastWordsAsync(StreamReader errors, CancellationToken cancellation)
    {
        var last = "";
        while (await errors.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
            if (line.Trim() is { Length: > 0 } words) last = words;
        return last.Length > LongestSaid ? last[..LongestSaid] : last;
    }
}

/// <summary>Processes beside the ones that record.</summary>
public static class BackgroundProcess
{
    /// <summary>Lets everything else on the machine go first (nice 10). Threads that it begins later do the same.</summary>
    public static void GiveWay(this Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            // It ended already.
        }
    }
}
