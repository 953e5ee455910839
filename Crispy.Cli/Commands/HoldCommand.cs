using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Cli.Times;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy hold</c>, <c>crispy release</c> and <c>crispy holds</c>: what is kept at any age.</summary>
internal static class HoldCommand
{
    private const int LongestNote = 200;

    /// <summary>Holds a range.</summary>
    public static Command Hold()
    {
        var (options, times) = (new ApiOptions(), new TimeOptions("", required: true));
        var stream = StreamArgument.One(options);
        var note = new Option<string?>("--note") { Description = $"Why it is kept: at most {LongestNote} characters", HelpName = "TEXT" };
        note.Validators.Add(RequireNote);
        var command = new Command("hold",
            "Keeps what is stored of a range, however old it gets; at most a day at once. Exit code 1 where some of it is not held, or "
            + "waits to be stored.") { stream };
        times.AddTo(command);
        command.Options.Add(note);
        return Job.Of(command, options, async (job, cancellation) =>
        {
            var range = times.Range(job.Parsed);
            var body = new JsonObject { ["from"] = Instants.Format(range.From), ["to"] = Instants.Format(range.To),
                ["note"] = job.Get(note) };
            var answer = await Busy.WhileAsync("Holding ...", () =>
                job.Api.SendAsync(HttpMethod.Put, StreamArgument.Path(job.Get(stream), "/holds"), body, cancellation));
            return Tell(job, answer, times);
        });
    }

    /// <summary>Releases a range.</summary>
    public static Command Release()
    {
        var (options, times) = (new ApiOptions(), new TimeOptions("", required: true));
        var stream = StreamArgument.One(options);
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("release",
            "Ends the hold of a range, at most a day at once: what is older than it is kept is then deleted for good. Exit code 1 where "
            + "some of it stays held.") { stream };
        times.AddTo(command);
        command.Options.Add(yes);
        return Job.Of(command, options, async (job, cancellation) =>
        {
            var range = times.Range(job.Parsed);
            if (!Consent.Given(job.Get(yes),
                $"Release {job.Get(stream)} from {Words.Time(range.From, TimeZoneInfo.Utc)} to "
                + $"{Words.Time(range.To, TimeZoneInfo.Utc)}? What is older than it is kept is then deleted."))
                return ExitCode.Findings;
            var path = StreamArgument.Path(job.Get(stream),
                $"/holds?from={Uri.EscapeDataString(Instants.Format(range.From))}&to={Uri.EscapeDataString(Instants.Format(range.To))}");
            return Tell(job, await Busy.WhileAsync("Releasing ...",
                () => job.Api.SendAsync(HttpMethod.Delete, path, null, cancellation)), times);
        });
    }

    /// <summary>Lists what is held.</summary>
    public static Command List()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        return Job.Of(new Command("holds", "Lists what of a stream is kept at any age, as the bucket's objects tell it.") { stream },
            options, async (job, cancellation) =>
        {
            var answer = await Busy.WhileAsync("Reading the bucket ...",
                () => job.Api.GetAsync(StreamArgument.Path(job.Get(stream), "/holds"), cancellation));
            var items = answer.As<HoldsAnswer>().Items;
            if (job.Json) Screen.Json(answer);
            else if (items.Count == 0) Screen.Line($"Nothing of {job.Get(stream)} is held");
            else Print(items);
            return ExitCode.Well;
        });
    }

    private static void Print(IReadOnlyList<HoldAnswer> holds)
    {
        var table = new Listing(new("FROM"), new("TO"), new("CHUNKS", Right: true), new("LOSSES", Right: true), new("SIZE", Right: true),
            new("NOTE", Cut.End));
        foreach (var hold in holds)
            table.Add(Words.Time(hold.From, TimeZoneInfo.Utc), Words.Time(hold.To, TimeZoneInfo.Utc),
                hold.Chunks.ToString(CultureInfo.InvariantCulture),
                hold.LossRecords.ToString(CultureInfo.InvariantCulture), Words.Bytes(hold.Bytes), Screen.Printable(hold.Note ?? ""));
        table.Write();
    }

    private static int Tell(Job job, JsonNode answer, TimeOptions times)
    {
        var report = answer.As<HoldChange>();
        if (job.Json) Screen.Json(answer);
        else
        {
            var zone = times.Zone(job.Parsed);
            Screen.Line(string.Create(CultureInfo.InvariantCulture,
                $"{report.Stream} from {Words.Time(report.From, zone)} to {Words.Time(report.To, zone)}: {report.Objects} objects, "
                    + $"{report.Changed} {(report.Held ? "held" : "released")} now, {report.Already} were so "
                    + $"before{(report.Failed > 0 ? $", {report.Failed} are not" : "")}"));
            foreach (var failure in report.Failures) Screen.Remark(Screen.Printable($"crispy: {failure.Object}: {failure.Error}"));
            if (report.Held && report.Waiting > 0)
                Screen.Remark($"crispy: {report.Waiting} {(report.Waiting == 1 ? "chunk waits" : "chunks wait")} to be stored, and "
                    + $"{(report.Waiting == 1 ? "is" : "are")} not held yet: hold the range again when that is done");
            if (report.Held && report.Spool == "away") Screen.Remark(
                "crispy: stream-handle does not answer: what waits to be stored is not known, and not held");
        }
        return report.Failed > 0 || (report.Held && (report.Waiting > 0 || report.Spool == "away")) ? ExitCode.Findings : ExitCode.Well;
    }

    private static void RequireNote(OptionResult option)
    {
        if (option.Tokens is [var token] && token.Value.Length > LongestNote) option.AddError(
            $"--note has {token.Value.Length} characters, and at most {LongestNote} are kept");
    }

    private sealed record HoldAnswer(DateTimeOffset From, DateTimeOffset To, string? Note, int Chunks, int LossRecords, long Bytes);

    private sealed record HoldsAnswer(IReadOnlyList<HoldAnswer> Items);

    private sealed record HoldFailed(string Object, string Error);

    private sealed record HoldChange(string Stream, DateTimeOffset From, DateTimeOffset To, bool Held, int Objects, int Changed,
        int Already, int Failed,
        IReadOnlyList<HoldFailed> Failures, int Waiting, string Spool);
}
