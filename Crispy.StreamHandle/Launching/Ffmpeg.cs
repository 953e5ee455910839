using System.Diagnostics;
using FFMpegCore;
using Microsoft.Extensions.Options;

namespace Crispy.StreamHandle.Launching;

/// <summary>The ffmpeg of this machine.</summary>
public sealed class Ffmpeg
{
    private Ffmpeg(string path, string probePath, ProcessLauncher launcher, bool drawsText)
    {
        Path = path;
        ProbePath = probePath;
        Launcher = launcher;
        DrawsText = drawsText;
    }

    /// <summary>Full path of ffmpeg.</summary>
    public string Path { get; }

    /// <summary>Full path of ffprobe.</summary>
    public string ProbePath { get; }

    /// <summary>What starts them.</summary>
    public ProcessLauncher Launcher { get; }

    /// <summary>Whether the drawtext filter is built in.</summary>
    public bool DrawsText { get; }

    /// <summary>Finds ffmpeg and asks what it can do.</summary>
    /// <param name="folder">Where it lies; null looks in PATH.</param>
    /// <param name="launcher">What starts it.</param>
    /// <exception cref="OptionsValidationException">ffmpeg or ffprobe is missing or does not run.</exception>
    public static async Task<Ffmpeg> FindAsync(string? folder, ProcessLauncher launcher)
    {
        var path = Require("ffmpeg", folder);
        var probe = Require("ffprobe", folder);
        GlobalFFOptions.Configure(options => options.BinaryFolder = System.IO.Path.GetDirectoryName(path)!);
        using var process = await launcher.StartAsync(
            new ProcessStartInfo(path, ["-hide_banner", "-loglevel", "error", "-filters"]) { RedirectStandardOutput = true });
        var filters = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? new(path, probe, launcher, filters.Contains(" drawtext ", StringComparison.Ordinal))
            : throw SettingsReader.Refusal<Ffmpeg>($"{path} does not run: exit code {process.ExitCode}");
    }

    private static string Require(string name, string? folder) => Programs.Find(name, folder) ?? throw SettingsReader.Refusal<Ffmpeg>(
        folder is null
        ? $"{name} is not in PATH: install ffmpeg, or set Crispy:Ffmpeg:Folder"
        : $"Crispy:Ffmpeg:Folder is '{folder}': no {name} there");
}
