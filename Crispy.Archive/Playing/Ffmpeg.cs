using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Crispy.Exporting;

namespace Crispy.Archive.Playing;

/// <summary>How ffmpeg ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Errors">The last it said.</param>
internal sealed record FfmpegEnd(int ExitCode, string Errors);

/// <summary>Runs ffmpeg from a stream to a stream, a few at once. A caller that gives up ends the process.</summary>
internal sealed class Ffmpeg(ArchiveOptions options) : IDisposable
{
    private const int LongestErrors = 2000;

    private readonly SemaphoreSlim _processes = new(options.FfmpegProcesses);
    private readonly string _program = options.FfmpegFolder is { } folder ? Path.Combine(folder, "ffmpeg") : "ffmpeg";
    private int _running;

    /// <summary>How many run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <param name="feed">Writes ffmpeg's standard input; it is ended early where ffmpeg needs no more.</param>
    /// <param name="headBytes">How many of the first bytes <paramref name="arguments"/> wants to see.</param>
    /// <param name="arguments">The command line, by those bytes, or fewer where there are no more.</param>
    /// <param name="output">Takes standard output.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="isBackground">Whether it gives way to everything else on the machine, and is not counted here:
    /// who asks bounds how many there are.</param>
    /// <exception cref="ArchiveAwayException">ffmpeg cannot be started; or what <paramref name="feed"/> throws.</exception>
    public async Task<FfmpegEnd> RunAsync(Func<Stream, CancellationToken, Task> feed, int headBytes,
        Func<byte[], IEnumerable<string>> arguments, Stream output,
        CancellationToken cancellation, bool isBackground = false)
    {
        if (!isBackground) await _processes.WaitAsync(cancellation).ConfigureAwait(false);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pipe = new Pipe(
            new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false));
        Interlocked.Increment(ref _running);
        try
        {
            var feeding = FeedAsync(feed, pipe.Writer, done.Token);
            var head = headBytes == 0 ? [] : await HeadAsync(pipe.Reader, headBytes, cancellation).ConfigureAwait(false);
            using var process = Start(arguments(head));
            if (isBackground) process.GiveWay();
            var end = await RunAsync(process, pipe.Reader, output, cancellation).ConfigureAwait(false);
            var isFed = feeding.IsCompleted;
            await done.CancelAsync().ConfigureAwait(false);
            try
            {
                await feeding.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!isFed && !cancellation.IsCancellationRequested)
            {
                // ffmpeg had enough.
            }
            return end;
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            Interlocked.Decrement(ref _running);
            if (!isBackground) _processes.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _processes.Dispose();

    private static async Task FeedAsync(Func<Stream, CancellationToken, Task> feed, PipeWriter writer, CancellationToken cancellation)
    {
        try
        {
            var destination = writer.AsStream();
            await using (destination.ConfigureAwait(false)) await feed(destination, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> HeadAsync(PipeReader reader, int headBytes, CancellationToken cancellation)
    {
        var read = await reader.ReadAtLeastAsync(headBytes, cancellation).ConfigureAwait(false);
        var head = read.Buffer.Slice(0, Math.Min(headBytes, read.Buffer.Length)).ToArray();
        reader.AdvanceTo(read.Buffer.Start);
        return head;
    }

    private Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(_program, ["-hide_banner", "-nostdin", "-v", "error", .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        try
        {
            return Process.Start(start) ?? throw new ArchiveAwayException($"{_program} did not start");
        }
        catch (Win32Exception absent)
        {
            throw new ArchiveAwayException($"{_program} cannot be started: {absent.Message}", absent);
        }
    }

    private static async Task<FfmpegEnd> RunAsync(Process process, PipeReader input, Stream output, CancellationToken cancellation)
    {
        try
        {
            var errors = ErrorsAsync(process.StandardError);
            var writing = WriteAsync(input, process.StandardInput.BaseStream, cancellation);
            await process.StandardOutput.BaseStream.CopyToAsync(output, cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            input.CancelPendingRead();
            await writing.ConfigureAwait(false);
            return new(process.ExitCode, await errors.ConfigureAwait(false));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static async Task WriteAsync(PipeReader input, Stream standardInput, CancellationToken cancellation)
    {
        try
        {
            await using (standardInput.ConfigureAwait(false))
            {
                for (var read = await input.ReadAsync(cancellation).ConfigureAwait(false); !read.IsCanceled;
                    read = await input.ReadAsync(cancellation).ConfigureAwait(false))
                {
                    foreach (var memory in read.Buffer) await standardInput.WriteAsync(memory, cancellation).ConfigureAwait(false);
                    input.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted) return;
                }
            }
        }
        catch (IOException)
        {
            // ffmpeg had enough, or failed: its exit code tells.
        }
    }

    private static async Task<string> ErrorsAsync(StreamReader errors)
    {
        var (text, buffer) = (new StringBuilder(), new char[1024]);
        for (var count = await errors.ReadAsync(buffer).ConfigureAwait(false); count > 0;
            count = await errors.ReadAsync(buffer).ConfigureAwait(false))
        {
            text.Append(buffer, 0, count);
            if (text.Length > LongestErrors) text.Remove(0, text.Length - LongestErrors);
        }
        return text.ToString().Trim();
    }
}
