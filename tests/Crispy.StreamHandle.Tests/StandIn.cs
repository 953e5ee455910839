namespace Crispy.StreamHandle.Tests;

/// <summary>Scripts in the place of ffmpeg and ffprobe.</summary>
internal static class StandIn
{
    /// <summary>Writes both.</summary>
    /// <param name="folder">Where they lie, as <c>Crispy:Ffmpeg:Folder</c> has it; made where it is missing.</param>
    /// <param name="ffmpeg">The lines of ffmpeg's.</param>
    /// <param name="ffprobe">Those of ffprobe's: it finds nothing unless told otherwise.</param>
    public static async Task WriteAsync(string folder, string ffmpeg, string ffprobe = "exit 1")
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, script) in (ReadOnlySpan<(string, string)>)[("ffmpeg", ffmpeg), ("ffprobe", ffprobe)])
            File.WriteAllText(Path.Combine(folder, name), $"#!/bin/sh\n{script}\n");
        await Command.RunAsync("chmod", "+x", Path.Combine(folder, "ffmpeg"), Path.Combine(folder, "ffprobe"));
    }
}
