using System.Diagnostics;
using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>The AppHost as a process, with all its data in a temporary folder.</summary>
public sealed partial class AppHostRun : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly TempFolder? _folder;
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly Task _reading;

    private AppHostRun(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment, AppHostRun? before = null)
    {
        _folder = before is null ? new() : null;
        Data = before?.Data ?? _folder!["data"];
        // A shell that runs the tests in the background hands down an ignored SIGINT, which .NET then leaves ignored.
        var start = new ProcessStartInfo("/usr/bin/env",
            ["--default-signal=INT,QUIT", "dotnet", Program,
                .. arguments.Select(argument => argument.Replace("{data}", Data, StringComparison.Ordinal))])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A person who runs these tests does not find the tests' runs among their own.
        start.Environment["XDG_STATE_HOME"] = $"{Data}-state";
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>()) start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>The run's data folder.</summary>
    public string Data { get; }

    /// <summary>Everything printed so far, on both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    /// <summary>The exit code of an ended run.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether the AppHost has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>The AppHost's process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The numbers of the closing line, <c>chunks=20 stored=20 ...</c>; it must be the last one printed.</summary>
    public IReadOnlyDictionary<string, double> ClosingLine
    {
        get
        {
            var line = Output.TrimEnd().Split('\n')[^1];
            Assert.Matches(@"^chunks=\d+ stored=\d+ logged=\d+ lost=\d+ dead=\d+ frames=\d+ bytes=\d+ seconds=[\d.]+ fps=\d+$", line);
            return Field().Matches(line).ToDictionary(match => match.Groups[1].Value,
                match => double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "..", "..", "Crispy.AppHost",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Crispy.AppHost.dll");

    /// <summary>Starts the AppHost with its own data folder.</summary>
    public static AppHostRun Start(params string[] arguments) => new(["--data", "{data}", .. arguments], null);

    /// <summary>Starts the AppHost with exactly these arguments and with additions to its environment.</summary>
    public static AppHostRun StartAs(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        new(arguments, environment);

    /// <summary>Starts the AppHost with the data folder of a run that has ended, which stays that run's to delete.</summary>
    public static AppHostRun StartAfter(AppHostRun before, params string[] arguments) =>
        new(["--data", "{data}", .. arguments], null, before);

    /// <summary>Ids of the run's processes, of one program or of all: those that were given its data folder, or work in it.</summary>
    public IReadOnlyList<int> Processes(string? program = null) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(int.Parse!)
            .Where(id => id != ProcessId && (program is null || Path.GetFileName(Text(id, "cmdline").Split('\0', ' ')[0]) == program)
                && (Text(id, "environ") + Text(id, "cmdline") + WorkingFolder(id)).Contains(Data, StringComparison.Ordinal))];

    /// <summary>Runs the AppHost to its own end.</summary>
    public static async Task<AppHostRun> ToEndAsync(params string[] arguments)
    {
        var run = Start(arguments);
        await run.WaitForExitAsync();
        return run;
    }

    /// <summary>Waits for the end; a hang fails and shows what was printed.</summary>
    public async Task WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The AppHost did not end. It printed:\n{Output}");
        }
    }

    /// <summary>Presses Ctrl-C and waits for the end.</summary>
    public async Task InterruptAsync()
    {
        await Command.RunAsync("kill", "-s", "INT", $"{_process.Id}");
        await WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder?.Dispose();
    }

    // Redis writes its title over its environment.
    private static string? WorkingFolder(int process)
    {
        try
        {
            return Directory.ResolveLinkTarget($"/proc/{process}/cwd", returnFinalTarget: false)?.FullName;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Text(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output) _output.Add(line);
        }
    }

    [GeneratedRegex(@"(\w+)=([\d.]+)")]
    private static partial Regex Field();
}
