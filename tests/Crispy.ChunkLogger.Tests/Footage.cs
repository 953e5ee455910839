using System.Collections.Concurrent;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>Real chunks, made by ffmpeg once a run.</summary>
internal static class Footage
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> Made = new();

    /// <summary>Two seconds of 320x240 in colour at 25 frames/s and some 300 kB, H.264 in Matroska.</summary>
    public static Task<byte[]> MatroskaAsync() =>
        MakeAsync("mkv", "yuv420p", "-c:v", "libx264", "-b:v", "1200k", "-minrate", "1200k", "-maxrate", "1200k", "-bufsize", "1200k",
            "-x264-params", "nal-hrd=cbr");

    /// <summary>The same in grey.</summary>
    public static Task<byte[]> GreyAsync() => MakeAsync("mkv", "gray", "-c:v", "libx264");

    /// <summary>The same in colour as fragmented MP4.</summary>
    public static Task<byte[]> FragmentedMp4Async() =>
        MakeAsync("mp4", "yuv420p", "-c:v", "libx264", "-movflags", "+frag_keyframe+empty_moov+default_base_moof");

    /// <summary>Some 300 kB of MP4 as ffmpeg writes it unasked: the description behind the frames.</summary>
    public static Task<byte[]> Mp4Async() =>
        MakeAsync("mp4", "yuv420p", "-c:v", "libx264", "-g", "25", "-b:v", "1200k", "-minrate", "1200k", "-maxrate", "1200k", "-bufsize",
            "1200k", "-x264-params", "nal-hrd=cbr");

    /// <summary>The same as MPEG transport stream.</summary>
    public static Task<byte[]> TransportStreamAsync() => MakeAsync("ts", "yuv420p", "-c:v", "libx264");

    private static Task<byte[]> MakeAsync(string extension, string pixels, params string[] encoding) =>
        Made.GetOrAdd($"{extension} {pixels} {string.Join(' ', encoding)}", _ => new(() => EncodeAsync(extension, pixels, encoding))).Value;

    private static async Task<byte[]> EncodeAsync(string extension, string pixels, string[] encoding)
    {
        using var folder = new TempFolder();
        var file = folder[$"chunk.{extension}"];
        await Command.RunAsync("ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2", "-pix_fmt", pixels, .. encoding, file]);
        return await File.ReadAllBytesAsync(file);
    }
}
