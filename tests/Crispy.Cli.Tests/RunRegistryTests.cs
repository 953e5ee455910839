using System.Text.Json;
using Crispy.AppHost;

namespace Crispy.Cli.Tests;

/// <summary>How crispy finds the run that runs, in any data folder.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RunRegistryTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    private string Runs => _folder["state/crispy/runs"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_registers_for_its_user_alone_and_is_gone_when_it_leaves()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such modes");
        var registry = new RunRegistry(Runs);
        Assert.True(registry.Enter(_folder["data"]));
        Assert.True(registry.Enter(_folder["data"], "http://localhost:1"));
        var run = Assert.Single(registry.Running());
        Assert.Equal((Environment.ProcessId, _folder["data"], "http://localhost:1"), (run.Process, run.Data, run.Api));
        if (!OperatingSystem.IsWindows()) Assert.Equal(Owner, File.GetUnixFileMode(Runs));
        registry.Leave();
        Assert.Empty(registry.Running());
        Assert.Empty(Directory.GetFiles(Runs));
    }

    [Fact]
    public void What_a_killed_run_left_and_what_is_no_run_is_not_taken_for_one()
    {
        var registry = new RunRegistry(Runs);
        registry.Enter(_folder["data"]);
        var file = Directory.GetFiles(Runs)[0];
        var run = JsonSerializer.Deserialize<RegisteredRun>(File.ReadAllText(file), JsonSerializerOptions.Web)!;
        void Write(string name, RegisteredRun other) =>
            File.WriteAllText(Path.Combine(Runs, name), JsonSerializer.Serialize(other, JsonSerializerOptions.Web));
        // The id is another process' now; nobody has it; it is another machine's.
        Write("reused.json", run with { Started = run.Started.AddMinutes(-5) });
        Write("dead.json", run with { Process = int.MaxValue });
        Write("elsewhere.json", run with { Machine = "another-machine" });
        File.WriteAllText(Path.Combine(Runs, "torn.json"), """{"process":""");
        Assert.Equal(run, Assert.Single(registry.Running()));
        Assert.Equal(new HashSet<string> { "elsewhere.json", Path.GetFileName(file), "torn.json" }, Directory.GetFiles(Runs)
            .Select(path => Path.GetFileName(path)).ToHashSet());
    }

    [Fact]
    public void A_registry_that_cannot_be_written_keeps_no_run_from_starting()
    {
        File.WriteAllText(_folder["file"], "");
        var registry = new RunRegistry(_folder["file/runs"]);
        Assert.False(registry.Enter(_folder["data"]));
        Assert.Empty(registry.Running());
        registry.Leave();
    }

    [Fact]
    public async Task The_one_run_is_found_without_a_word_and_several_are_named()
    {
        var (one, other) = (Data("one", "http://127.0.0.1:1"), Data("the other", "http://127.0.0.1:2"));
        new RunRegistry(Runs).Enter(one, "http://127.0.0.1:1");
        var found = await CrispyAsync("status");
        Assert.Equal(3, found.ExitCode);
        Assert.Contains($"http://127.0.0.1:1 ({Path.Combine(one, "console.url")})", found.Error, StringComparison.Ordinal);

        var run = new RunRegistry(Runs).Running()[0];
        File.WriteAllText(Path.Combine(Runs, "other.json"),
            JsonSerializer.Serialize(run with { Data = other, Api = "http://127.0.0.1:2" }, JsonSerializerOptions.Web));
        var several = await CrispyAsync("status");
        Assert.Equal((2, ""), (several.ExitCode, several.Output));
        Assert.Contains("2 runs are there; which one?", several.Error, StringComparison.Ordinal);
        Assert.Contains($"--data {one} (http://127.0.0.1:1)", several.Error, StringComparison.Ordinal);
        Assert.Contains($"--data '{other}' (http://127.0.0.1:2)", several.Error, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:2 (", (await CrispyAsync("status", "--data", other)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_still_starting_is_told_from_none()
    {
        Directory.CreateDirectory(_folder["data"]);
        new RunRegistry(Runs).Enter(_folder["data"]);
        var starting = await CrispyAsync("status");
        Assert.Equal(3, starting.ExitCode);
        Assert.Contains("is still starting", starting.Error, StringComparison.Ordinal);
    }

    private string Data(string name, string address)
    {
        Directory.CreateDirectory(_folder[name]);
        File.WriteAllText(Path.Combine(_folder[name], "console.url"), address);
        return _folder[name];
    }

    private Task<CommandResult> CrispyAsync(params string[] arguments) =>
        Command.TryAsync("env", ["-u", "CRISPY_API", "-u", "CRISPY_API_TOKEN", $"XDG_STATE_HOME={_folder["state"]}", "dotnet",
            Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments]);
}
