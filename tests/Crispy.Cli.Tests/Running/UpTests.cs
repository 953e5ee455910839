namespace Crispy.Cli.Tests.Running;

/// <summary><c>crispy up</c> in a clone whose <c>run.sh</c> is a scripted one. The real one builds the clone that these tests run from, and
/// is tried with the whole system elsewhere.</summary>
public sealed class UpTests : IDisposable
{
    // Ends in its own order, a moment after it was asked to.
    private const string Run = """
        #!/usr/bin/env bash
        cd "$(dirname "$0")"
        printf '%s\n' "$@" > arguments
        [ "$1" = --once ] && exit 7
        end() { echo "asked by $1" >> signals; kill "$!"; echo ended in order; exit 5; }
        trap 'end INT' INT
        trap 'end TERM' TERM
        sleep 600 &
        echo started
        [ -z "$TERM_AT_ONCE" ] || kill -s TERM "$PPID"
        wait
        """;

    private readonly TempFolder _clone = new();

    public UpTests()
    {
        Directory.CreateDirectory(_clone["Crispy.AppHost"]);
        File.WriteAllText(_clone["run.sh"], Run);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_clone["run.sh"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(_clone["bin"]);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(file, _clone["bin", Path.GetFileName(file)]);
    }

    private string Program => _clone["bin", "crispy.dll"];

    [Fact]
    public async Task It_gives_the_options_on_as_they_stand_and_ends_with_the_run_s_exit_code()
    {
        var ended = await Command.TryAsync("dotnet", [Program, "up", "--once", "a film, with blanks.mp4", "--window", "2"]);
        Assert.Equal((7, ""), (ended.ExitCode, ended.Error));
        Assert.Equal(["--once", "a film, with blanks.mp4", "--window", "2"], await File.ReadAllLinesAsync(_clone["arguments"]));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_run_in_its_own_order_which_is_waited_for()
    {
        await using var terminal = Terminal.StartProgram(Program, new Dictionary<string, string>(), 100, "up", "demo:");
        await Until.TrueAsync(() => terminal.HasEnded || terminal.Shown.Contains("started", StringComparison.Ordinal),
            TimeSpan.FromMinutes(1));
        await terminal.TypeAsync(Terminal.CtrlC);
        Assert.Equal(5, await terminal.EndAsync());
        Assert.Contains("ended in order", terminal.Shown, StringComparison.Ordinal);
        Assert.Equal("asked by INT\n", await File.ReadAllTextAsync(_clone["signals"]));
    }

    [Fact]
    public async Task A_TERM_for_it_alone_reaches_the_run_from_its_first_moment_on()
    {
        await using var up = await WatchedProcess.StartAsync(_clone["log"], new Dictionary<string, string> { ["TERM_AT_ONCE"] = "1" },
            "dotnet", Program, "up", "demo:");
        await Until.TrueAsync(() => !up.IsRunning, TimeSpan.FromMinutes(1));
        Assert.Contains("ended in order", await File.ReadAllTextAsync(up.LogPath), StringComparison.Ordinal);
        Assert.Equal("asked by TERM\n", await File.ReadAllTextAsync(_clone["signals"]));
    }

    public void Dispose() => _clone.Dispose();
}
