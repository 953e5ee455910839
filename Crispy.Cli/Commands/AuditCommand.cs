using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Audits;
using Crispy.Cli.Keys;
using Crispy.Cli.Sources;
using Crispy.Cli.Terminal;
using Crispy.Cli.Times;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy audit</c>: who did what, and whether the log of it is whole.</summary>
internal sealed class AuditCommand
{
    private readonly TimeOptions _times = new("-1d");
    private readonly Option<string?> _stream = new("--stream") { Description = "Only what was done to this stream", HelpName = "ID" };
    private readonly Option<string?> _person =
        new("--person") { Description = "Only what this person or token did, by name or subject", HelpName = "NAME" };
    private readonly Option<int> _limit =
        new("--limit") { Description = "No more than so many (100)", HelpName = "N", DefaultValueFactory = _ => 100 };
    private readonly Argument<string> _place =
        new("FILE|FOLDER") { Description = "A file of the log, its folder, or the --data folder of a local run" };

    private readonly Option<string[]> _keys = new("--keys")
    {
        Description =
            "Public keys of the console: a file (PEM or JSON Web Key Set) or an address (https://CONSOLE/.well-known/jwks.json); "
                + "several times. By default what lies beside the log, which proves nothing against who can write there",
        HelpName = "FILE|URL",
    };

    /// <summary>The command.</summary>
    public Command Build()
    {
        _limit.Validators.Add(RequireCount);
        var command = new Command("audit",
            "Lists who did what at the console, newest first (default: of the last day). Needs the role admin.") { _stream, _person };
        _times.AddTo(command);
        command.Options.Add(_limit);
        Job.Of(command, new(), RunAsync);
        command.Add(Verify());
        return command;
    }

    private async Task<int> RunAsync(Job job, CancellationToken cancellation)
    {
        var (range, limit) = (_times.Range(job.Parsed), job.Get(_limit));
        var path = $"api/audit?from={Uri.EscapeDataString(Instants.Format(range.From))}"
            + Query("to", range.HasEnd ? Instants.Format(range.To) : null)
            + Query("stream", job.Get(_stream)) + Query("person", job.Get(_person));
        var items = await job.Api.ItemsAsync(path, limit, cancellation).ToListAsync(cancellation);
        if (job.Json) Screen.Json(new JsonObject { ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) });
        else Print([.. items.Select(item => item.As<AuditEntry>())], _times.Zone(job.Parsed));
        return ExitCode.Well;
    }

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static void Print(IReadOnlyList<AuditEntry> entries, TimeZoneInfo zone)
    {
        if (entries.Count == 0)
        {
            Screen.Line("No entries");
            return;
        }
        var table = new Listing(new("WHEN"), new("WHO", Cut.End), new("ROLE", Optional: true), new("WHAT"), new("STATUS", Right: true),
            new("ON WHAT", Cut.End));
        foreach (var entry in entries)
        {
            table.Add(Terminal.Words.Time(entry.At, zone), entry.Name.Length > 0 ? entry.Name : "nobody", ApiEnum.Name(entry.Role),
                entry.Action == AuditAction.Refused ? new("refused", new Style(Color.Yellow)) : new(ApiEnum.Name(entry.Action)),
                entry.Status?.ToString(CultureInfo.InvariantCulture) ?? "?", Target(entry));
        }
        table.Write();
    }

    private static string Target(AuditEntry entry)
    {
        var what = entry.Chunks switch { null or [] => entry.Stream, [var one] => one,
            [var first, ..] several => $"{first} and {several.Count - 1} more" };
        return string.Join("; ", new[] { what, entry.Detail }.Where(text => !string.IsNullOrEmpty(text)));
    }

    private Command Verify()
    {
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("verify",
            "Checks every signature of an audit log and its chain, across its files, and names the first line that is wrong. "
                + "Exit code: 0 all is well, 1 a finding, 2 could not be told.")
        {
            _place, _keys, json,
        };
        command.SetAction((parsed, cancellation) => Job.GuardAsync(async () =>
        {
            var (files, isWhole) = AuditVerification.Open(parsed.GetRequiredValue(_place));
            var keys = parsed.GetValue(_keys) is { Length: > 0 } given ? given : [.. AuditVerification.OwnKeys(files)];
            if (keys.Length == 0) throw new UnableException("--keys is needed: without the console's public key nothing can be verified");
            using var verifier = await VerifierAsync(keys, cancellation);
            var verdict = AuditVerification.Check(files, isWhole, verifier);
            if (parsed.GetValue(json)) Screen.Json(JsonSerializer.SerializeToNode(verdict, JsonSerializerOptions.Web)!);
            else Print(verdict);
            return verdict.ExitCode;
        }, cancellation));
        return command;
    }

    private static async Task<ManifestVerifier> VerifierAsync(string[] keys, CancellationToken cancellation)
    {
        try
        {
            return await PublicKeys.ReadForConsoleAsync(keys, cancellation);
        }
        catch (SourceException unable)
        {
            throw new UnableException(unable.Message);
        }
    }

    private static void Print(AuditVerdict verdict)
    {
        if (verdict.Finding is { } wrong)
        {
            Screen.Line(Terminal.Screen.Printable($"{wrong.File}:{wrong.Line}: {wrong.Kind}: {wrong.Text}"), new(Color.Red));
            Screen.Line($"entries={verdict.Entries}: the first line that is wrong is named above; what follows it is not looked at");
            return;
        }
        if (verdict.Unfinished > 0) Screen.Remark($"{verdict.Unfinished} bytes at the end are of a line that is not finished");
        Screen.Line(verdict.Entries == 0 ? "entries=0: there is nothing to verify"
            : $"entries={verdict.Entries} ({verdict.First} to {verdict.Last}) files={verdict.Files} head={verdict.Head}: all is well");
    }

    private static void RequireCount(OptionResult option)
    {
        if (option.Tokens is [var token]
            && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is > 0 and <= 1_000_000))
            option.AddError($"{option.Option.Name} '{token.Value}' is not a number from 1 to 1000000");
    }
}
