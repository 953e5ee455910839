using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.Muxing.Writing;
using Crispy.Spool;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Makes the best of the segment that a killed ffmpeg was writing. Its packets up to the last whole one are copied into a clean
/// file. Where no packet can be saved it becomes a segment without a frame, which is declared lost. The steps are those of
/// <see cref="OpenSegments"/>.</summary>
internal sealed class SegmentSalvage(StreamOptions stream, Ffmpeg ffmpeg, ILogger log)
{
    /// <summary>The segments in a run's folder, in order; broken ones are cut back first, to nothing where nothing can be saved.</summary>
    /// <exception cref="IOException">The disk is full: nothing is given up, and the next call goes on.</exception>
    public async Task<IReadOnlyList<string>> SegmentsAsync(string folder)
    {
        foreach (var path in OpenSegments.In(folder))
            if (!OpenSegments.IsCut(path) && !IsWhole(path, ChunkReader.Read(path))) OpenSegments.MarkBroken(path);
        foreach (var broken in OpenSegments.BrokenIn(folder)) await SaveAsync(broken);
        return OpenSegments.In(folder);
    }

    // Packets that never came from the camera leave a file that is as whole as it will ever be.
    private static bool IsWhole(string path, ChunkFacts facts) => facts.Frames > 0 && (facts.Damage & ~Damage.Discontinuity) == Damage.None
        && (facts.Container != ChunkContainer.TransportStream || ChunkWriters.IsCompleteTransportStream(path));

    private async Task SaveAsync(string broken)
    {
        var (segment, part, length) = (OpenSegments.SegmentOf(broken), OpenSegments.PartOf(broken), new FileInfo(broken).Length);
        await CopyAsync(broken, part, ChunkContainer.Of(segment));
        if (File.Exists(part) && ChunkReader.Read(part) is { Frames: > 0 } facts)
        {
            OpenSegments.KeepPart(broken);
            Log.SegmentCut(log, stream.Id, segment, length, facts.Frames);
            return;
        }
        Log.SegmentLost(log, stream.Id, broken, length, ChunkReader.Read(broken).Damage.ToString());
        OpenSegments.GiveUp(broken);
    }

    // ffmpeg's demuxers pass over a packet that is cut short, except in a transport stream,
    // where nothing tells that the last frame is whole.
    private async Task CopyAsync(string from, string to, string? container)
    {
        string[] limit = container == ChunkContainer.TransportStream
            ? ["-frames:v", (ChunkReader.Read(from).Frames - 1).ToString(System.Globalization.CultureInfo.InvariantCulture)]
            : [];
        var format = container switch { ChunkContainer.Matroska => "matroska", ChunkContainer.Mp4 => "mp4", _ => "mpegts" };
        string[] arguments = ["-hide_banner", "-nostdin", "-v", "error", "-y", "-fflags", "+discardcorrupt", "-i", $"file:{from}", "-map",
            "0", "-c", "copy", .. limit,
            "-copyts", "-avoid_negative_ts", "disabled", "-f", format, $"file:{to}"];
        using var process = await ffmpeg.Launcher.StartAsync(new ProcessStartInfo(ffmpeg.Path, arguments) { RedirectStandardError = true });
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        // That nothing in it can be read is an answer; that the copy could not be written, or was broken off, is none.
        if (process.ExitCode != 0 && (Segmenter.WasKilled(process.ExitCode, error) || FfmpegErrors.IsRefusalOfDisk(error)))
            throw new IOException($"{from} is not yet cut back to its last whole packet: {FfmpegErrors.Summary(stream.Url, error)}");
    }
}
