using System.Diagnostics;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.Muxing.Writing;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>
/// Makes the best of the segment that a killed ffmpeg was writing: its packets up to the last whole one are copied into a clean file.
/// Each step is a rename, so that a crash in between neither loses the packets nor keeps them twice:
/// <c>00000006.mkv -> 00000006.mkv.broken</c>, copied to <c>.part</c>, which becomes <c>00000006.cut.mkv</c>; then the broken one goes.
/// Where no packet can be saved the broken file itself becomes <c>.cut</c>: a segment without a frame, which is declared lost.
/// </summary>
internal sealed class SegmentSalvage(StreamOptions stream, Ffmpeg ffmpeg, ILogger log)
{
    private const string Broken = ".broken";
    private const string Part = ".part";
    private const string Cut = ".cut";

    /// <summary>Whether a file is what could be saved of a segment.</summary>
    public static bool IsCut(string path) => Path.GetFileNameWithoutExtension(path).EndsWith(Cut, StringComparison.Ordinal);

    /// <summary>The segments in a run's folder, in order; broken ones are cut back first, to nothing where nothing can be saved.</summary>
    /// <exception cref="IOException">The disk is full: nothing is given up, and the next call goes on.</exception>
    public async Task<IReadOnlyList<string>> SegmentsAsync(string folder)
    {
        foreach (var path in ChunkFiles.VideosIn(folder))
            if (!IsCut(path) && !IsWhole(path, ChunkReader.Read(path))) File.Move(path, path + Broken);
        foreach (var broken in Directory.GetFiles(folder, $"*{Broken}")) await SaveAsync(broken);
        return [.. ChunkFiles.VideosIn(folder).Order(StringComparer.Ordinal)];
    }

    // Packets that never came from the camera leave a file that is as whole as it will ever be.
    private static bool IsWhole(string path, ChunkFacts facts) => facts.Frames > 0 && (facts.Damage & ~Damage.Discontinuity) == Damage.None
        && (facts.Container != ChunkContainer.TransportStream || ChunkWriters.IsCompleteTransportStream(path));

    private async Task SaveAsync(string broken)
    {
        var segment = broken[..^Broken.Length];
        var cut = Path.ChangeExtension(segment, $"{Cut}{Path.GetExtension(segment)}");
        if (File.Exists(cut))
        {
            File.Delete(broken);
            return;
        }
        var part = segment + Part;
        await CopyAsync(broken, part, ChunkContainer.Of(segment));
        if (File.Exists(part) && ChunkReader.Read(part) is { Frames: > 0 } facts)
        {
            DurableFile.Sync(part);
            File.Move(part, cut);
            DurableFile.SyncFolder(Path.GetDirectoryName(cut)!);
            Log.SegmentCut(log, stream.Id, segment, new FileInfo(broken).Length, facts.Frames);
            File.Delete(broken);
            return;
        }
        File.Delete(part);
        Log.SegmentLost(log, stream.Id, broken, new FileInfo(broken).Length, ChunkReader.Read(broken).Damage.ToString());
        File.Move(broken, cut);
    }

    // ffmpeg's demuxers pass over a packet that is cut short, except in a transport stream, where nothing tells that the last frame is whole.
    private async Task CopyAsync(string from, string to, string? container)
    {
        string[] limit = container == ChunkContainer.TransportStream
            ? ["-frames:v", (ChunkReader.Read(from).Frames - 1).ToString(System.Globalization.CultureInfo.InvariantCulture)]
            : [];
        var format = container switch { ChunkContainer.Matroska => "matroska", ChunkContainer.Mp4 => "mp4", _ => "mpegts" };
        string[] arguments = ["-hide_banner", "-nostdin", "-v", "error", "-y", "-fflags", "+discardcorrupt", "-i", $"file:{from}", "-map", "0", "-c", "copy", .. limit,
            "-copyts", "-avoid_negative_ts", "disabled", "-f", format, $"file:{to}"];
        using var process = await ffmpeg.Launcher.StartAsync(new ProcessStartInfo(ffmpeg.Path, arguments) { RedirectStandardError = true });
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        // That nothing in it can be read is an answer; that the copy could not be written, or was broken off, is none.
        if (process.ExitCode != 0 && (Segmenter.WasKilled(process.ExitCode) || FfmpegErrors.IsRefusalOfDisk(error)))
            throw new IOException($"{from} is not yet cut back to its last whole packet: {FfmpegErrors.Summary(stream.Url, error)}");
    }
}
