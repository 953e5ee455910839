using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Tests;

/// <summary>An AppHost in a process and group of its own, with two scripts that each have a child.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly LineCollector _console = new();
    private readonly Task _reading;

    private HostProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        Ended = EndAsync();
    }

    /// <summary>Of the process, and of its group.</summary>
    public int Id { get; }

    /// <summary>The exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>Both scripts and their children.</summary>
    public IReadOnlyList<int> Children { get; private set; } = [];

    public IReadOnlyList<string> Lines => _console.Lines;

    private static string Program
    {
        get
        {
            var output = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            var all = Path.GetDirectoryName(Path.GetDirectoryName(output))!;
            return Path.Combine(all, "Aspire.Hosting.Tests.Host", Path.GetFileName(output), "Aspire.Hosting.Tests.Host");
        }
    }

    public static HostProcess Start(params string[] arguments)
    {
        // A shell that runs the tests in the background hands down an ignored SIGINT, which .NET then leaves ignored.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", "setsid", Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new(Process.Start(start)!);
    }

    public static async Task<HostProcess> StartAsync(string log)
    {
        var host = Start("--log", log);
        var lines = new[] { await host._console.WaitForAsync("| server ids "), await host._console.WaitForAsync("| client ids ") };
        host.Children = [.. lines.SelectMany(line => line.Split(' ')[^2..]).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await Ended;
        _process.Dispose();
    }

    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _reading;
        return _process.ExitCode;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line) _console.WriteLine(line);
    }
}
