using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// One running ffmpeg of a stream. FFMpegCore composes its command line; the process is ours, because FFMpegCore's runner keeps every
/// line of output for as long as the process lives, hides its id, and stops it only through the standard input that we need for addresses.
/// </summary>
internal sealed partial class Segmenter : IAsyncDisposable
{
    private const int KeptErrorLines = 20;
    private readonly Process _process;
    private readonly string _folder;
    private readonly SourceUrl _url;
    private readonly SteadyClock _clock;
    private readonly Queue<string> _errors = new();
    private readonly Task _errorReader;
    private readonly Lock _signals = new();
    private bool _stopped;

    private Segmenter(Process process, string folder, StreamOptions stream, SteadyClock clock, Action<string> onErrorLine, Action onProgress)
    {
        _process = process;
        _folder = folder;
        _url = stream.Url;
        _clock = clock;
        _errorReader = ReadErrorsAsync(onErrorLine, onProgress);
    }

    /// <summary>The id of ffmpeg's process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Starts an ffmpeg.</summary>
    /// <param name="ffmpeg">The program.</param>
    /// <param name="stream">Whose ffmpeg it is.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="script">What it reads from standard input, or null.</param>
    /// <param name="folder">Where its segments go.</param>
    /// <param name="clock">Tells when segments closed.</param>
    /// <param name="onErrorLine">Gets each line of its standard error, without secrets.</param>
    /// <param name="onProgress">Called when more of the source has gone through.</param>
    public static async Task<Segmenter> StartAsync(
        Ffmpeg ffmpeg, StreamOptions stream, string arguments, string? script, string folder, SteadyClock clock, Action<string> onErrorLine, Action onProgress)
    {
        var process = await ffmpeg.Launcher.StartAsync(new ProcessStartInfo(ffmpeg.Path, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var segmenter = new Segmenter(process, folder, stream, clock, onErrorLine, onProgress);
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

    /// <summary>The closed segments, until ffmpeg ends.</summary>
    public async IAsyncEnumerable<ClosedSegment> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            yield return ClosedSegment.Parse(line, _folder, _clock.Now);
    }

    /// <summary>Waits for the end of ffmpeg.</summary>
    /// <returns>Its exit code and the last lines of its standard error, without secrets.</returns>
    public async Task<(int ExitCode, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _errorReader;
        lock (_errors) return (_process.ExitCode, string.Join('\n', _errors));
    }

    /// <summary>Whether an exit code says that someone ended the process by force (SIGKILL, SIGTERM), which says nothing about its source.</summary>
    public static bool WasKilled(int exitCode) => exitCode is 128 + 9 or 128 + 15;

    /// <summary>Asks ffmpeg to close its segment and end (SIGINT). It cannot be paused after that.</summary>
    public void Stop()
    {
        lock (_signals)
        {
            ResumeLocked();
            _stopped = true;
            Signal(2);
        }
    }

    /// <summary>Ends ffmpeg at once; the open segment stays as it is.</summary>
    public void Kill() => Signal(9);

    /// <summary>Lets ffmpeg stand still (SIGSTOP).</summary>
    /// <returns>Whether it ran until now.</returns>
    public bool Pause()
    {
        lock (_signals)
        {
            if (IsPaused || _stopped) return false;
            Signal(OperatingSystem.IsLinux() ? 19 : 17);
            return IsPaused = true;
        }
    }

    /// <summary>Lets ffmpeg run on (SIGCONT).</summary>
    public void Resume()
    {
        lock (_signals) ResumeLocked();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) Kill();
        await EndAsync();
        _process.Dispose();
    }

    private void ResumeLocked()
    {
        if (IsPaused) Signal(OperatingSystem.IsLinux() ? 18 : 19);
        IsPaused = false;
    }

    private async Task ReadErrorsAsync(Action<string> onErrorLine, Action onProgress)
    {
        var position = "";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (Progress().IsMatch(line))
            {
                if (!line.StartsWith("out_time_us=", StringComparison.Ordinal) || line == position || !IsMedia(line)) continue;
                position = line;
                onProgress();
                continue;
            }
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

    // Before the first packet it is N/A, 0, or the least number there is.
    private static bool IsMedia(string line) => long.TryParse(line.AsSpan(line.IndexOf('=') + 1), out var microseconds) && microseconds > 0;

    // The id cannot have gone to another process: it is reaped by the same object, which knows that it has.
    private void Signal(int signal)
    {
        if (!_process.HasExited) _ = SendSignal(_process.Id, signal);
    }

    // ffmpeg's -progress report: key=value lines.
    [GeneratedRegex(@"\A(frame|fps|stream_\d+_\d+_q|bitrate|total_size|out_time|out_time_us|out_time_ms|dup_frames|drop_frames|speed|progress)=")]
    private static partial Regex Progress();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
