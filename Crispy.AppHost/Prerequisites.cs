using System.Diagnostics;
using Crispy.AppHost.Showing;

namespace Crispy.AppHost;

/// <summary>Programs of this machine that a run needs.</summary>
public static class Prerequisites
{
    // Debian keeps rabbitmq-server's own script here; the one on its PATH changes the user.
    private static readonly string[] RabbitPlaces = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin", "/usr/sbin"];

    /// <summary>One line for each program that is missing; empty when all are there.</summary>
    public static IReadOnlyList<string> Missing(Backends backends)
    {
        List<string> missing = [];
        Require("ffmpeg", "apt-get install ffmpeg");
        Require("ffprobe", "apt-get install ffmpeg");
        if (backends != Backends.Local) return missing;
        Require("redis-server", "apt-get install redis-server");
        if (RabbitMqServer() is null)
            missing.Add("rabbitmq-server is missing: apt-get install rabbitmq-server (or start a container runtime, for "
                + "--backends container)");
        return missing;

        void Require(string program, string install)
        {
            if (Find(program) is null) missing.Add($"{program} is missing: {install}");
        }
    }

    /// <summary>Path of rabbitmq-server, or null.</summary>
    public static string? RabbitMqServer() =>
        RabbitPlaces.Select(folder => Path.Combine(folder, "rabbitmq-server")).FirstOrDefault(File.Exists) ?? Find("rabbitmq-server");

    /// <summary>Whether a container runtime answers.</summary>
    internal static bool ContainerRuntimeAnswers(RunScreen screen) => Answers("docker", screen) || Answers("podman", screen);

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program)).FirstOrDefault(File.Exists);

    private static bool Answers(string runtime, RunScreen screen)
    {
        if (Find(runtime) is not { } path) return false;
        using var step = new SlowStep($"Asking {runtime} whether it answers", screen, TimeProvider.System);
        using var process =
            Process.Start(new ProcessStartInfo(path, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (process is null) return false;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(TimeSpan.FromSeconds(10))) return process.ExitCode == 0;
        process.Kill(entireProcessTree: true);
        return false;
    }
}
