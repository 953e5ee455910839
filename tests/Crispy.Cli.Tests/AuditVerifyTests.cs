using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.Cli.Tests;

/// <summary>The console's audit log, as it is on its disk.</summary>
public sealed class AuditVerifyTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _key = SigningKey.NewPrivatePem();
    private string? _previous;
    private long _next;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_whole_log_is_well_as_a_folder_as_a_run_and_file_by_file()
    {
        Write("audit-000000000000.jsonl", 3);
        Write("audit-000000000003.jsonl", 2);
        var (exitCode, verdict) = await VerifyAsync(_folder["data", "audit"]);
        Assert.Equal((0, 5, 0, 4, 2),
            (exitCode, Number(verdict, "entries"), Number(verdict, "first"), Number(verdict, "last"), Number(verdict, "files")));
        Assert.Equal(_previous, verdict.GetProperty("head").GetString());
        Assert.Equal(0, (await VerifyAsync(_folder["data", "audit", "audit-000000000003.jsonl"])).ExitCode);

        // A run's folder has the key beside the log; a key set of the console does as well.
        Directory.CreateDirectory(_folder["data", "keys"]);
        File.WriteAllText(_folder["data", "keys", "report.pem"], _key);
        var run = await Cli.RunAsync("audit", "verify", _folder["data"]);
        Assert.Equal((0, $"entries=5 (0 to 4) files=2 head={_previous}: all is well\n"), (run.ExitCode, run.Output));
        File.WriteAllBytes(_folder["jwks.json"], JsonWebKeySet.Write([], SigningKey.ReadPublic(_key)));
        Assert.Equal(0, (await Cli.RunAsync("audit", "verify", _folder["data"], "--keys", _folder["jwks.json"])).ExitCode);

        // A line that is being written is no finding.
        File.AppendAllText(_folder["data", "audit", "audit-000000000003.jsonl"], "{\"schema\":");
        (exitCode, verdict) = await VerifyAsync(_folder["data", "audit"]);
        Assert.Equal((0, 10), (exitCode, Number(verdict, "unfinished")));
    }

    [Fact]
    public async Task The_first_line_that_is_wrong_is_named_with_its_file_and_its_number()
    {
        Write("audit-000000000000.jsonl", 3);
        Write("audit-000000000003.jsonl", 4);
        var (first, second) = (_folder["data", "audit", "audit-000000000000.jsonl"], _folder["data", "audit", "audit-000000000003.jsonl"]);
        var lines = File.ReadAllLines(second);
        await ExpectAsync("altered", second, 2, [lines[0], lines[1].Replace("otto", "ada", StringComparison.Ordinal), .. lines[2..]]);
        await ExpectAsync("missing", second, 2, [lines[0], .. lines[2..]]);
        await ExpectAsync("missing", second, 2, [lines[0], lines[2], lines[1], lines[3]]);
        await ExpectAsync("moved", second, 1, [File.ReadAllLines(first)[1], .. lines]);
        await ExpectAsync("unsigned", second, 1, ["{}", .. lines]);
        // The end of a file that is not the newest was cut off, in the middle of a line too.
        File.WriteAllLines(second, lines);
        var content = File.ReadAllText(first);
        File.WriteAllText(first, content[..^20]);
        Assert.Equal("unsigned",
            (await VerifyAsync(_folder["data", "audit"])).Verdict.GetProperty("finding").GetProperty("kind").GetString());
        // The oldest file is gone, and no entry says that it was deleted.
        File.Delete(first);
        var (exitCode, verdict) = await VerifyAsync(_folder["data", "audit"]);
        Assert.Equal((1, "missing"), (exitCode, verdict.GetProperty("finding").GetProperty("kind").GetString()));

        async Task ExpectAsync(string kind, string file, int line, string[] changed)
        {
            File.WriteAllText(file, string.Concat(changed.Select(each => each + "\n")));
            var (code, found) = await VerifyAsync(_folder["data", "audit"]);
            var finding = found.GetProperty("finding");
            Assert.Equal((1, kind, file, line),
                (code, finding.GetProperty("kind").GetString(), finding.GetProperty("file").GetString(), Number(finding, "line")));
            var text = await Cli.RunAsync("audit", "verify", _folder["data", "audit"], "--keys", _folder["key.pem"]);
            Assert.Equal(1, text.ExitCode);
            Assert.StartsWith($"{file}:{line}: {kind}: ", text.Output.Replace("\n", "", StringComparison.Ordinal),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_the_console_deleted_is_told_by_a_signed_entry()
    {
        Write("audit-000000000000.jsonl", 3);
        Write("audit-000000000003.jsonl", 1, until: 2);
        File.Delete(_folder["data", "audit", "audit-000000000000.jsonl"]);
        var (exitCode, verdict) = await VerifyAsync(_folder["data", "audit"]);
        Assert.Equal((0, 3), (exitCode, Number(verdict, "first")));
    }

    [Fact]
    public async Task What_cannot_be_told_is_no_finding()
    {
        Write("audit-000000000000.jsonl", 1);
        foreach (var (place, keys, message) in new[]
        {
            (_folder["nowhere"], _folder["key.pem"], "there is no such file or folder"),
            (_folder.Path, _folder["key.pem"], "there is no file audit-*.jsonl"),
            (_folder["data"], _folder["nowhere"], "keys of"), (_folder["data"], "", "--keys is needed"),
        })
        {
            var told = await Cli.RunAsync(["audit", "verify", place, .. keys.Length > 0 ? (string[])["--keys", keys] : []]);
            Assert.Equal((2, ""), (told.ExitCode, told.Output));
            Assert.Contains(message, told.Error, StringComparison.Ordinal);
        }
        // Another console's log.
        File.WriteAllText(_folder["other.pem"], SigningKey.PublicPem(SigningKey.NewPrivatePem()));
        var other = await Cli.RunAsync("audit", "verify", _folder["data"], "--keys", _folder["other.pem"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("unknownKey", other.Output, StringComparison.Ordinal);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private async Task<(int ExitCode, JsonElement Verdict)> VerifyAsync(string place)
    {
        var result = await Cli.RunAsync("audit", "verify", place, "--json", "--keys", _folder["key.pem"]);
        Assert.True(result.Output.Length > 0, result.Error);
        return (result.ExitCode, JsonDocument.Parse(result.Output).RootElement);
    }

    private void Write(string file, int entries, long? until = null)
    {
        Directory.CreateDirectory(_folder["data", "audit"]);
        File.WriteAllText(_folder["key.pem"], SigningKey.PublicPem(_key));
        using var signer = AuditLine.Signer(_key);
        for (var i = 0; i < entries; i++)
        {
            var line = AuditLine.Write(
                new(AuditLine.CurrentSchema, _next, Guid.NewGuid().ToString("n"),
                    new(2026, 11, 27, 3, 0, 0, TimeSpan.Zero), "sub-of-otto", "otto",
                Role.Operator, SignInWay.Oidc, until is null
                    ? AuditAction.Paused
                    : AuditAction.Pruned) { Stream = "gate", Until = until, Status = 200, Previous = _previous }, signer);
            File.AppendAllText(_folder["data", "audit", file], System.Text.Encoding.UTF8.GetString(line) + "\n");
            (_next, _previous) = (_next + 1, AuditLine.Hash(line));
        }
    }
}
