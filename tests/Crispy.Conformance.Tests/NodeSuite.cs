using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Crispy.CloudEmulator;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;

namespace Crispy.Conformance.Tests;

/// <summary>One test of the Node suite, by its file and its name.</summary>
public sealed record NodeTest(string File, string Name);

/// <summary>How a test of the Node suite ended; the text is what Node printed about it.</summary>
public sealed record NodeResult(bool Passed, bool Skipped, string Text);

/// <summary>
/// tests/conformance, run once: the emulator on a free port, the packages of package-lock.json,
/// and each file of tests by Node's own runner.
/// </summary>
public sealed partial class NodeSuite : IAsyncLifetime
{
    private const int FilesAtOnce = 3;
    private static readonly TimeSpan LongestFile = TimeSpan.FromMinutes(10);

    /// <summary>The suite beside this assembly.</summary>
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "conformance");

    private readonly TempFolder _folder = new();
    private WebApplication? _emulator;

    /// <summary>How each test of the suite ended that Node ran.</summary>
    public ConcurrentDictionary<NodeTest, NodeResult> Results { get; } = [];

    /// <summary>The files of tests, by name.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.GetFiles(Folder, "*.test.js").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>The tests that a file declares. Each has its name in the file as a plain literal, at the beginning of a line.</summary>
    public static IReadOnlyList<string> Declared(string file) =>
        [.. Declaration().Matches(File.ReadAllText(Path.Combine(Folder, file)))
            .Select(match => match.Groups[1].Value.Replace("\\'", "'", StringComparison.Ordinal))];

    public async ValueTask InitializeAsync()
    {
        await InstallAsync();
        var signer = WriteSigner();
        _emulator = EmulatorApp.Create(
            ["--urls", "http://127.0.0.1:0", "--data", _folder["data"], "--signer", signer, "--Logging:LogLevel:Default=Warning"]);
        await _emulator.StartAsync();
        var environment = new Dictionary<string, string> { ["CRISPY_EMULATOR"] = _emulator.Urls.First(), ["CRISPY_SIGNER"] = signer };
        await Parallel.ForEachAsync(Files, new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce }, async (file, _) =>
        {
            var printed = await RunAsync("node", ["--test-reporter=tap", file], environment);
            Read(file, printed.Output, printed.Error);
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_emulator is not null) await _emulator.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Asks npm for the packages once for each package-lock.json.</summary>
    private static async Task InstallAsync()
    {
        var locked = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"));
        var installed = Path.Combine(Folder, "node_modules", ".installed-lock.json");
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == locked) return;
        var result = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], []);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"npm ci failed; it needs its registry the first time. {result.Error}");
        await File.WriteAllTextAsync(installed, locked);
    }

    /// <summary>An account with a key of this run alone.</summary>
    private string WriteSigner()
    {
        using var key = RSA.Create(2048);
        var path = _folder["signer.json"];
        File.WriteAllText(path, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["client_email"] = "signer@conformance.iam.gserviceaccount.com",
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
        }));
        return path;
    }

    private static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(LongestFile, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        return new(process.HasExited ? process.ExitCode : -1, await output, await error);
    }

    /// <summary>
    /// TAP version 13. Each test at the outermost level has a line: <c>ok 3 - name</c> or <c>not ok 3 - name</c>. Its own tests come before
    /// that line, what is said about it after.
    /// </summary>
    private void Read(string file, string output, string error)
    {
        var start = 0;
        foreach (Match line in Outcome().Matches(output))
        {
            var end = output.IndexOf("\n  ...", line.Index, StringComparison.Ordinal) is > 0 and var found ? found : output.Length;
            var name = line.Groups["name"].Value.Replace("\\#", "#", StringComparison.Ordinal);
            Results[new(file, name)] = new(!line.Groups["not"].Success, line.Groups["directive"].Success, output[start..end] + error);
            start = end;
        }
        if (start == 0) Results[new(file, "(the file itself)")] = new(false, false, output + error);
    }

    [GeneratedRegex(@"^test\('((?:[^'\\]|\\.)*)',", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^(?<not>not )?ok \d+ - (?<name>.*?)(?<directive> # (SKIP|TODO).*)?\r?$", RegexOptions.Multiline)]
    private static partial Regex Outcome();
}
