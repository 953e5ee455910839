using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// One running ffmpeg of a stream, which hands over packets on its standard output. FFMpegCore composes its command line. The process is
/// ours, because FFMpegCore's runner keeps every line of output for as long as the process lives, and hides its id. It also stops it only
/// through standard input, which we need for addresses.
/// </summary>
internal sealed partial class Segmenter : IAsyncDisposable
{
    private const int KeptErrorLines = 20;
    private readonly Process _process;
    private readonly SourceUrl _url;
    private readonly Queue<string> _errors = new();
    private readonly Task _errorReader;

    private Segmenter(Process process, StreamOptions stream, Action<string> onErrorLine)
    {
        _process = process;
        _url = stream.Url;
        _errorReader = ReadErrorsAsync(onErrorLine);
    }

    /// <summary>The id of ffmpeg's process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Its packets, as NUT.</summary>
    public Stream Packets => _process.StandardOutput.BaseStream;

    /// <summary>Bytes that it has written and nobody has read yet.</summary>
    public int Unread =>
        Packets is AnonymousPipeClientStream { SafePipeHandle: var pipe } && CountUnread(pipe, 0x541B, out var count) == 0 ? count : 0;

    /// <summary>Starts an ffmpeg.</summary>
    /// <param name="ffmpeg">The program.</param>
    /// <param name="stream">Whose ffmpeg it is.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="script">What it reads from standard input, or null.</param>
    /// <param name="onErrorLine">Gets each line of its standard error, without secrets.</param>
    public static async Task<Segmenter> StartAsync(Ffmpeg ffmpeg, StreamOptions stream, string arguments, string? script,
        Action<string> onErrorLine)
    {
        var process = await ffmpeg.Launcher.StartAsync(new ProcessStartInfo(ffmpeg.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var segmenter = new Segmenter(process, stream, onErrorLine);
        try
        {
            await process.StandardInput.WriteAsync(script ?? "");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read the script: its exit code and standard error say why.
        }
        return segmenter;
    }

    /// <summary>Waits for the end of ffmpeg.</summary>
    /// <returns>Its exit code and the last lines of its standard error, without secrets.</returns>
    public async Task<(int ExitCode, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _errorReader;
        lock (_errors) return (_process.ExitCode, string.Join('\n', _errors));
    }

    /// <summary>Whether someone ended ffmpeg by a signal, which says nothing about its source.</summary>
    /// <param name="exitCode">Its exit code: 255 too where it obeyed a signal. Releases from 7 on mean an error by it as well.</param>
    /// <param name="error">The last lines of its standard error.</param>
    public static bool WasKilled(int exitCode, string error) =>
        exitCode is 128 + 9 or 128 + 15 || (exitCode == 255 && !FfmpegErrors.HasError(error));

    /// <summary>Asks ffmpeg to hand over what it has and end (SIGINT).</summary>
    public void Stop() => Signal(2);

    /// <summary>Ends ffmpeg at once.</summary>
    public void Kill() => Signal(9);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) Kill();
        await EndAsync();
        _process.Dispose();
    }

    private async Task ReadErrorsAsync(Action<string> onErrorLine)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            line = FfmpegErrors.Clean(_url, line);
            if (line.Length == 0) continue;
            lock (_errors)
            {
                if (_errors.Count == KeptErrorLines) _errors.Dequeue();
                _errors.Enqueue(line);
            }
            onErrorLine(line);
        }
    }

    // The id cannot have gone to another process: it is reaped by the same object, which knows that it has.
    private void Signal(int signal)
    {
        if (!_process.HasExited) _ = SendSignal(_process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    // ioctl's FIONREAD.
    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int CountUnread(SafeHandle pipe, nuint request, out int count);
}
