using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Crispy.Contracts;

namespace Crispy.AppHost.Showing;

/// <summary>How far a run with <c>--once</c> is: a bar for each file whose length is known.</summary>
/// <param name="files">Paths by stream.</param>
/// <param name="time">The time.</param>
internal sealed class FileProgress(IReadOnlyDictionary<string, string> files, TimeProvider time)
{
    private const int Bar = 24;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TimeSpan> _lengths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);

    /// <summary>Asks ffprobe for the files' lengths, one after the other.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, path) in files)
        {
            if (await LengthAsync(path, cancellationToken) is { } length) _lengths[id] = length;
        }
    }

    /// <summary>The lines of a board, one a stream.</summary>
    public IReadOnlyList<string> Lines(RunStatus status, int columns, int rows)
    {
        var streams = status.Streams.OrderBy(stream => stream.IsOver).ThenBy(stream => stream.Id, StringComparer.Ordinal).ToList();
        var width = streams.Count == 0 ? 0 : Math.Min(24, streams.Max(stream => stream.Id.Length));
        var shown = streams.Count > rows ? streams[..Math.Max(0, rows - 1)] : streams;
        List<string> lines = [.. shown.Select(stream => Cut(Line(stream, width), columns))];
        if (shown.Count < streams.Count) lines.Add($"... and {Spell.Count(streams.Count - shown.Count, "more stream")}");
        return lines;
    }

    /// <summary>What part of a file is in chunks, from 0 to 1; null where its length is not known.</summary>
    public double? Done(RunStatus.Stream stream)
    {
        if (stream.State == "ended") return 1;
        if (!_lengths.TryGetValue(stream.Id, out var length) || length <= TimeSpan.Zero) return null;
        if (stream.LastChunk is not { } last || !Epoch.TryParse(stream.Epoch, out var begin)) return stream.Captured.Chunks == 0 ? 0 : null;
        return Math.Clamp((last.To - begin) / length, 0, 1);
    }

    private string Line(RunStatus.Stream stream, int width)
    {
        var id = (stream.Id.Length <= width ? stream.Id : $"{stream.Id[..(width - 1)]}…").PadRight(width);
        if (stream is { IsInTrouble: true, Error: { } error })
            return $"{id}  {StatusLines.State(stream)}: {Spell.Printable(Cause.Of(error, stream.Url))}";
        var chunks = $"{Spell.Count(stream.Captured.Chunks, "chunk")}, {stream.Stored.ToString(CultureInfo.InvariantCulture)} stored";
        if (Done(stream) is not { } done) return $"{id}  {chunks}";
        var full = (int)(done * Bar);
        var bar = $"{new string('█', full)}{new string('░', Bar - full)}";
        return string.Create(CultureInfo.InvariantCulture, $"{id}  {bar} {done * 100,3:0} %  {chunks}{Left(stream, done)}");
    }

    private string Left(RunStatus.Stream stream, double done)
    {
        if (done >= 1) return "";
        if (!_seen.TryGetValue(stream.Id, out var began)) _seen.Add(stream.Id, began = time.GetUtcNow());
        var since = time.GetUtcNow() - began;
        return done < 0.02 || since < TimeSpan.FromSeconds(2) ? "" : $", about {Spell.Of(since / done * (1 - done))} left";
    }

    private static string Cut(string text, int columns) => text.Length <= columns ? text : $"{text[..(columns - 1)]}…";

    private static async Task<TimeSpan?> LengthAsync(string path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var ffprobe = Process.Start(new ProcessStartInfo("ffprobe",
                ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", $"file:{path}"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            });
            if (ffprobe is null) return null;
            try
            {
                ffprobe.StandardInput.Close();
                var (output, _) = (ffprobe.StandardOutput.ReadToEndAsync(patience.Token),
                    ffprobe.StandardError.ReadToEndAsync(patience.Token));
                var text = await output;
                return double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                    && seconds is > 0 and < 1e8 ? TimeSpan.FromSeconds(seconds) : null;
            }
            finally
            {
                if (!ffprobe.HasExited) ffprobe.Kill();
            }
        }
        catch (Exception unknown)
            when (unknown is OperationCanceledException or IOException or System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }
}
