using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.AppHost;

/// <summary>What a resource's snapshot says.</summary>
internal static class ResourceChanges
{
    // How DCP names the exit of a process that a signal ended; shells say 128 + the signal's number.
    private const int ByASignal = -1, ByKill = 137;

    /// <summary>Whether its process runs.</summary>
    public static bool IsRunning(this CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running;

    /// <summary>Whether it has ended, or never came.</summary>
    public static bool IsOver(this CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state
        && (state == KnownResourceStates.RuntimeUnhealthy || KnownResourceStates.TerminalStates.Contains(state));

    /// <summary>Whether somebody asked it to stop, as the dashboard's button does.</summary>
    public static bool IsStopping(this CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Stopping;

    /// <summary>Whether it runs and has answered: one of its checks was passed, or it has none.
    /// That a camera or the bucket is away does not count against it.</summary>
    public static bool HasAnswered(this CustomResourceSnapshot snapshot) =>
        snapshot.IsRunning()
        && (snapshot.HealthReports.IsEmpty || snapshot.HealthReports.Any(report => report.Status is HealthStatus.Healthy));

    /// <summary>Id of its process; null where it has none of its own.</summary>
    public static int? ProcessId(this CustomResourceSnapshot snapshot) =>
        int.TryParse(
            Convert.ToString(snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value,
                CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>How it ended, for people.</summary>
    public static string Ending(this CustomResourceSnapshot snapshot) => snapshot switch
    {
        { State.Text: "FailedToStart" } => "could not be started",
        { State.Text: "RuntimeUnhealthy" } => "could not be started: the container runtime does not work",
        { ExitCode: ByASignal or ByKill } => "was killed",
        { ExitCode: { } code } => $"ended with exit code {code.ToString(CultureInfo.InvariantCulture)}",
        _ => "ended",
    };
}
