using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Crispy.StreamHandle.Launching;

namespace Crispy.StreamHandle.Sources;

/// <summary>The first frames of a source that is tried, by one ffmpeg. A picture comes on its standard output, and a line for each packet
/// (ffmpeg's framecrc) among its error lines.</summary>
internal sealed partial class TrialFrames(Ffmpeg ffmpeg, TimeProvider clock)
{
    /// <summary>How much of a source is read at most, in seconds of its own time; a file would be read to its end otherwise.</summary>
    private const string MostSeconds = "12";

    private const int MaxPictureBytes = 4 << 20;

    // AV_PKT_FLAG_KEY. A picture that no other needs has 0x10, as every second of H.265 may: that is no keyframe.
    private const int Keyframe = 1;

    private readonly List<string> _errors = [];
    private readonly List<double> _keyframes = [];
    private double _ticks;
    private double _first = double.PositiveInfinity;
    private double _last = double.NegativeInfinity;
    private int _frames;

    /// <summary>JPEG; null where none came.</summary>
    public byte[]? Picture { get; private set; }

    /// <summary>From the start to the first keyframe.</summary>
    public TimeSpan? FirstKeyframe { get; private set; }

    /// <summary>What ffmpeg complained of last, without secrets.</summary>
    public string? Error { get; private set; }

    /// <summary>Frames a second, as they came; null for fewer than two.</summary>
    public double? Fps => _frames > 1 && _last > _first ? Math.Round((_frames - 1) / (_last - _first), 3) : null;

    /// <summary>Seconds between the first two keyframes.</summary>
    public double? GopSeconds => _keyframes.Count > 1 ? Math.Round(_keyframes[1] - _keyframes[0], 3) : null;

    /// <summary>Reads until all is known, the source ends, or the time is over; that is no failure.</summary>
    /// <param name="stream">The source.</param>
    /// <param name="video">Its video track, as <c>-map</c> takes it.</param>
    /// <param name="limit">The time.</param>
    public async Task ReadAsync(StreamOptions stream, string video, CancellationToken limit)
    {
        var input = SourceInput.Of(stream, demoClock: false);
        // One thread for the picture: an encoder with several gives none back before it gets a second one, which -frames:v 1 keeps from it.
        string[] arguments = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error",
            .. input.Options.SelectMany(option => option.Split(' ', 2)), "-i", input.Address,
            "-map", video, "-frames:v", "1", "-vf", "scale=640:-2", "-c:v", "mjpeg", "-threads", "1", "-q:v", "5", "-pix_fmt", "yuvj420p",
            "-flush_packets", "1", "-f", "image2pipe", "pipe:1",
            "-map", video, "-t", MostSeconds, "-c:v", "copy", "-flush_packets", "1", "-f", "framecrc", "pipe:2"];
        var began = clock.GetTimestamp();
        using var process = await ffmpeg.Launcher.StartAsync(
            new ProcessStartInfo(ffmpeg.Path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true,
                RedirectStandardError = true });
        using var known = CancellationTokenSource.CreateLinkedTokenSource(limit);
        try
        {
            await process.StandardInput.WriteAsync(input.Script ?? "");
            process.StandardInput.Close();
            await Task.WhenAll(ReadPictureAsync(process.StandardOutput.BaseStream, known),
                ReadPacketsAsync(process.StandardError, stream, began, known));
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            // All that is wanted is known, or the time is over, or ffmpeg ended before it read the script.
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
        if (_errors.Count > 0) Error = FfmpegErrors.Summary(stream.Url, string.Join('\n', _errors));
    }

    private async Task ReadPictureAsync(Stream output, CancellationTokenSource known)
    {
        using var picture = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (picture.Length < MaxPictureBytes && await output.ReadAsync(buffer, known.Token) is > 0 and var read)
        {
            picture.Write(buffer, 0, read);
            // The marker that ends an image (ITU-T T.81, B.1.1.3); there is only one.
            if (!picture.GetBuffer().AsSpan(0, (int)picture.Length).EndsWith((byte[])[0xFF, 0xD9])) continue;
            Picture = picture.ToArray();
            await EndWhenKnownAsync(known);
            return;
        }
    }

    // "#tb 0: 1/90000", then "0, dts, pts, duration, size, checksum", and the packet's flags ("F=0x10") where they are not those of a
    // keyframe alone.
    private async Task ReadPacketsAsync(StreamReader lines, StreamOptions stream, long began, CancellationTokenSource known)
    {
        while (await lines.ReadLineAsync(known.Token) is { } line)
        {
            if (line.StartsWith("#tb 0: ", StringComparison.Ordinal) && line["#tb 0: ".Length..].Split('/') is [var above, var below])
                _ticks = double.Parse(above, CultureInfo.InvariantCulture) / double.Parse(below, CultureInfo.InvariantCulture);
            if (line.StartsWith('#')) continue;
            if (Packet().Match(line) is not { Success: true } packet)
            {
                if (_errors.Count < 100) _errors.Add(FfmpegErrors.Clean(stream.Url, line));
                continue;
            }
            var at = long.Parse(packet.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * _ticks;
            (_first, _last, _frames) = (Math.Min(_first, at), Math.Max(_last, at), _frames + 1);
            if (Flags().Match(line) is { Success: true } flags
                && (int.Parse(flags.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Keyframe) == 0) continue;
            FirstKeyframe ??= clock.GetElapsedTime(began);
            _keyframes.Add(at);
            await EndWhenKnownAsync(known);
        }
    }

    private async Task EndWhenKnownAsync(CancellationTokenSource known)
    {
        if (Picture is not null && _keyframes.Count > 1) await known.CancelAsync();
    }

    [GeneratedRegex(@"\A0,\s*-?\d+,\s*(-?\d+),\s*\d+,\s*\d+,\s*0x[0-9a-f]{8}")]
    private static partial Regex Packet();

    [GeneratedRegex(@",\s*F=0x([0-9A-Fa-f]{1,8})\b")]
    private static partial Regex Flags();
}
