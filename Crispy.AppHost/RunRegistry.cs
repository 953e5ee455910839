using System.Text.Json;

namespace Crispy.AppHost;

/// <summary>A run of this user on this machine.</summary>
/// <param name="Process">The AppHost's process id.</param>
/// <param name="Started">When that process started, UTC: ids are used again.</param>
/// <param name="Machine">The machine; a home folder may be many machines'.</param>
/// <param name="Data">Full path of its data folder, which holds its addresses for as long as it lasts.</param>
/// <param name="Api">The address of its console, or of stream-handle where it has none; null before they answer.</param>
public sealed record RegisteredRun(int Process, DateTimeOffset Started, string Machine, string Data, string? Api = null);

/// <summary>The runs of this user, no matter where their data folders are: one file for each run in <c>$XDG_STATE_HOME/crispy/runs</c>
/// (<c>~/.local/state</c>), a folder of mode 0700.
/// Runs write it, <c>crispy</c> reads it. What a run that was killed left goes when somebody looks.</summary>
public sealed class RunRegistry
{
    private const string StateVariable = "XDG_STATE_HOME";

    // The kernel counts starts in hundredths of a second.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    private readonly string _folder;

    /// <summary>A registry.</summary>
    /// <param name="folder">Its folder; null for this user's.</param>
    public RunRegistry(string? folder = null) => _folder = folder ?? DefaultFolder();

    /// <summary>Enters this process, or tells more of it.</summary>
    /// <returns>Whether it could be written; a run does without.</returns>
    public bool Enter(string data, string? api = null)
    {
        try
        {
            PrivateFolder.Make(_folder);
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            var run = new RegisteredRun(self.Id, self.StartTime.ToUniversalTime(), Environment.MachineName, data, api);
            var file = FileOf(self.Id);
            File.WriteAllText($"{file}.new", JsonSerializer.Serialize(run, JsonSerializerOptions.Web));
            File.Move($"{file}.new", file, overwrite: true);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Takes this process out.</summary>
    public void Leave() => Remove(FileOf(Environment.ProcessId));

    /// <summary>The runs that run, the newest first.</summary>
    public IReadOnlyList<RegisteredRun> Running()
    {
        var running = new List<RegisteredRun>();
        foreach (var file in Files())
        {
            if (Read(file) is not { } run) continue;
            if (run.Machine != Environment.MachineName) continue;
            if (IsThere(run)) running.Add(run);
            else Remove(file);
        }
        return [.. running.OrderByDescending(run => run.Started)];
    }

    private static string Home =>
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    private static string DefaultFolder()
    {
        var state = Environment.GetEnvironmentVariable(StateVariable) is { Length: > 0 } named && Path.IsPathRooted(named)
            ? named : Path.Combine(Home, ".local", "state");
        return Path.Combine(state, "crispy", "runs");
    }

    private string FileOf(int process) => Path.Combine(_folder, $"{Environment.MachineName}-{process}.json");

    private string[] Files()
    {
        try
        {
            return Directory.Exists(_folder) ? Directory.GetFiles(_folder, "*.json") : [];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static RegisteredRun? Read(string file)
    {
        try
        {
            var run = JsonSerializer.Deserialize<RegisteredRun>(File.ReadAllText(file), JsonSerializerOptions.Web);
            return run is { Data: not null, Machine: not null } ? run : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static bool IsThere(RegisteredRun run)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(run.Process);
            return !process.HasExited && (process.StartTime.ToUniversalTime() - run.Started.UtcDateTime).Duration() < Rounding;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The next one that looks removes it.
        }
    }
}
