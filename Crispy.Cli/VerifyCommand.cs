using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Crispy.Cli.Api;
using Crispy.Cli.Checking;
using Crispy.Cli.Exports;
using Crispy.Cli.Keys;
using Crispy.Cli.Ledgers;
using Crispy.Cli.Reporting;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli;

/// <summary><c>crispy verify</c>: checks the whole hash chain of streams, wherever their chunks lie.</summary>
internal sealed class VerifyCommand
{
    private readonly Argument<string[]> _sources = new("SOURCE")
    {
        Description =
            "gs://BUCKET[/PREFIX], the --data folder of a local run, a spool, or a downloaded bucket with its objects.json; several are "
                + "taken together. Or exports of the console (a ZIP or its folder), or reports of the ledger",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _keys = new("--keys")
    {
        Description =
            "Public keys: a file (PEM or JSON Web Key Set) or an address (https://HOST/.well-known/jwks.json); several times. A local run "
                + "brings its own",
        HelpName = "FILE|URL",
    };

    private readonly Option<string[]> _streams = new("--stream") { Description = "Only this stream; several times", HelpName = "ID" };
    private readonly Option<string?> _since = new(
        "--since") { Description = "Leave out what begins earlier (UTC, ISO 8601), as where old objects are deleted by rule",
            HelpName = "TIME" };
    private readonly Option<string?> _log = new(
        "--log") { Description = "Entries of chunk-logger: every chunk that it verified must be there. A local run brings its own",
            HelpName = "FILE" };
    private readonly Option<string?> _retention =
        new("--retention") { Description = "Days for which video is kept, or forever: what is older and missing from the beginning was "
        + "deleted as chosen. By default what the bucket's own rules say", HelpName = "DAYS" };
    private readonly Option<bool> _openEnds = new(
        "--open-ends") { Description = "A chain may end without a final chunk, as while it is recorded, or where its recorder was killed" };
    private readonly Option<bool> _quick =
        new("--quick") { Description = "Read no object of a bucket: believe the size and CRC32C that the bucket tells" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the report as JSON" };

    /// <summary>The command; its action returns the exit code.</summary>
    public Command Build()
    {
        _since.Validators.Add(RequireTime);
        _retention.Validators.Add(RequirePeriod);
        _streams.Validators.Add(RequireStreams);
        var command = new Command("verify",
            "Checks signatures, contents and hash chains, and says which object is missing, moved, altered or forged. Exit code: 0 all is "
                + "well, 1 findings, 2 could not be told, 3 intact with declared losses.")
        {
            _sources, _keys, _streams, _since, _retention, _log, _openEnds, _quick, _json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        IReadOnlyList<Source> sources = [];
        try
        {
            var places = parsed.GetRequiredValue(_sources);
            if (places.Any(ExportPlace.IsOne)) return await CheckExportsAsync(parsed, places, cancellation);
            if (places.Any(LedgerCheck.IsOne)) return await CheckReportsAsync(parsed, places, cancellation);
            var keys = parsed.GetValue(_keys) is { Length: > 0 } given ? given : [.. places.Select(OwnKey).OfType<string>()];
            sources = [.. places.SelectMany(Source.Open)];
            if (keys.Length == 0) throw new SourceException("--keys is needed: without a public key nothing can be verified");
            var options = new VerificationOptions
            {
                Sources = sources,
                Streams = parsed.GetValue(_streams) ?? [],
                Since = parsed.GetValue(_since) is { } since ? Time(since) : null,
                Logged = [.. (parsed.GetValue(_log) is { } log ? [log] : places.Select(OwnLog).OfType<string>())
                    .SelectMany(LoggedChunks.Read)],
                Kept = RetentionPeriod.Parse(parsed.GetValue(_retention)),
                OpenEnds = parsed.GetValue(_openEnds),
                Quick = parsed.GetValue(_quick),
                IsRecording = places.Any(RunningRun.IsHeld),
            };
            using var verifier = await PublicKeys.ReadAsync(keys, cancellation);
            var report = await new Verification(options, verifier, TimeProvider.System).RunAsync(cancellation);
            Write(report, parsed, out var exitCode);
            return exitCode;
        }
        catch (Exception unable) when (unable is SourceException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"crispy: {unable.Message}");
            return ExitCode.Unable;
        }
        finally
        {
            foreach (var source in sources) source.Dispose();
        }
    }

    private async Task<int> CheckExportsAsync(ParseResult parsed, string[] places, CancellationToken cancellation)
    {
        if (places.FirstOrDefault(place => !ExportPlace.IsOne(place)) is { } other)
            throw new SourceException($"{other}: exports are verified by themselves; give them without other sources");
        Write(await ExportVerification.RunAsync(places, parsed.GetValue(_keys) ?? [], cancellation), parsed, out var exitCode);
        return exitCode;
    }

    private void Write(VerifyReport report, ParseResult parsed, out int exitCode)
    {
        exitCode = report.ExitCode;
        if (parsed.GetValue(_json)) Console.Out.WriteLine(report.ToJson());
        else TextReport.Write(report, Console.Out);
    }

    private async Task<int> CheckReportsAsync(ParseResult parsed, string[] places, CancellationToken cancellation)
    {
        if (places.FirstOrDefault(place => !LedgerCheck.IsOne(place)) is { } other)
            throw new SourceException($"{other}: reports are verified by themselves; give them without other sources");
        if (parsed.GetValue(_keys) is not { Length: > 0 } keys)
            throw new SourceException("--keys is needed: without a public key nothing can be verified");
        var (reports, recordings) = await PublicKeys.ReadForReportsAsync(keys, cancellation);
        using (reports)
        using (recordings)
        {
            var check = new LedgerCheck(reports, recordings, parsed.GetValue(_streams) ?? []);
            var verdicts = new LedgerVerdicts([.. reports.KeyIds.Order(StringComparer.Ordinal)], [.. places.Select(check.Check)]);
            if (parsed.GetValue(_json)) await Console.Out.WriteLineAsync(VerifyReport.ToJson(verdicts));
            else verdicts.Write(Console.Out);
            return verdicts.ExitCode;
        }
    }

    // The key that a local run made for itself: only its public half is used.
    private static string? OwnKey(string place) =>
        Path.Combine(place, "keys", "signing.pem") is var file && File.Exists(file) ? file : null;

    private static string? OwnLog(string place) => Path.Combine(place, "chunks.jsonl") is var file && File.Exists(file) ? file : null;

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time) ? time : null;

    private static void RequireTime(OptionResult option)
    {
        if (option.Tokens is [var token] && Time(token.Value) is null)
            option.AddError($"--since '{token.Value}' is not a time in ISO 8601");
    }

    private static void RequirePeriod(OptionResult option)
    {
        if (option.Tokens is [var token] && RetentionPeriod.Parse(token.Value) is null) option.AddError(
            $"--retention '{token.Value}' must be {RetentionPeriod.Rule}");
    }

    private static void RequireStreams(OptionResult option)
    {
        foreach (var token in option.Tokens.Where(token => !StreamId.IsValid(token.Value)))
            option.AddError($"--stream '{token.Value}' is not a stream's id");
    }
}
