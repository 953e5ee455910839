using System.Diagnostics;
using System.Text;

namespace Crispy.Cli.Tests.Running;

/// <summary>crispy in a terminal of its own (util-linux's <c>script</c>).</summary>
internal sealed class Terminal : IAsyncDisposable
{
    /// <summary>Ctrl-C as a terminal gets it.</summary>
    public const string CtrlC = "\u0003";

    private readonly Process _script;
    private readonly StringBuilder _shown = new();
    private readonly Task _reading;

    private Terminal(Process script) => (_script, _reading) = (script, ReadAsync(script.StandardOutput));

    /// <summary>All that was sent to the screen so far.</summary>
    public string Shown
    {
        get
        {
            lock (_shown) return _shown.ToString();
        }
    }

    public bool HasEnded => _script.HasExited;

    public static Terminal Start(IReadOnlyDictionary<string, string> environment, int columns, params string[] arguments) =>
        StartProgram(Path.Combine(AppContext.BaseDirectory, "crispy.dll"), environment, columns, arguments);

    /// <param name="program">Its path.</param>
    /// <param name="environment">Variables besides those of the tests.</param>
    /// <param name="columns">How wide the terminal is.</param>
    /// <param name="arguments">The command line, without blanks in it.</param>
    public static Terminal StartProgram(string program, IReadOnlyDictionary<string, string> environment, int columns,
        params string[] arguments)
    {
        // The terminal's Ctrl-C must find no SIGINT that was ignored by the process that started the tests.
        var line = $"stty cols {columns} rows 40; exec env --default-signal=INT dotnet {program} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo("script", ["-qefc", line, "/dev/null"]) { RedirectStandardInput = true,
            RedirectStandardOutput = true };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        foreach (var (key, value) in environment) start.Environment[key] = value;
        return new(Process.Start(start)!);
    }

    public async Task TypeAsync(string text)
    {
        await _script.StandardInput.WriteAsync(text);
        await _script.StandardInput.FlushAsync();
    }

    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await _script.WaitForExitAsync(limit.Token);
        await _reading;
        return _script.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_script.HasExited) _script.Kill(entireProcessTree: true);
        await _script.WaitForExitAsync();
        _script.Dispose();
    }

    private async Task ReadAsync(StreamReader screen)
    {
        var buffer = new char[4096];
        for (var read = await screen.ReadAsync(buffer); read > 0; read = await screen.ReadAsync(buffer))
        {
            lock (_shown) _shown.Append(buffer, 0, read);
        }
    }
}
