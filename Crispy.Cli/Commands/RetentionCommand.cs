using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Retaining;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy retention</c>: how long what is kept, what that costs, and the bucket's rules that carry it out.</summary>
internal static class RetentionCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var command = Job.Of(
            new Command("retention",
            "How long what is recorded is kept, by stream, and what that costs. Exit code 1 where the bucket's rules do something else."),
            new(), ShowAsync);
        command.Add(Print());
        command.Add(Change("plan",
            "Shows what would change of a bucket's lifecycle rules, and changes nothing. Exit code 1 where something would.", sets: false));
        command.Add(Change("apply",
            "Shows what changes of a bucket's lifecycle rules, asks, and sets them. Rules that are not Crispy's stay as they are.",
            sets: true));
        return command;
    }

    private static async Task<int> ShowAsync(Job job, CancellationToken cancellation)
    {
        var answer = await job.Api.GetAsync("api/retention", cancellation);
        var report = answer.As<RetentionReport>();
        if (job.Json) Screen.Json(answer);
        else Print(report);
        return report.Streams.Any(stream => stream.Differs) ? ExitCode.Findings : ExitCode.Well;
    }

    private static void Print(RetentionReport report)
    {
        var table = new Listing(new("STREAM"), new("KEPT"), new("BUCKET DELETES AFTER"), new("OLDEST"), new("A DAY", Right: true),
            new("STORED", Right: true), new($"{report.Prices.Currency} A MONTH", Right: true));
        foreach (var stream in report.Streams)
            table.Add(stream.Id, stream.IsKnown ? new RetentionPeriod(stream.Days).Words : "not known",
                new(Deletes(stream), stream.Differs ? new Spectre.Console.Style(Spectre.Console.Color.Red)
                    : default(Spectre.Console.Style?)),
                Words.Time(stream.Oldest, TimeZoneInfo.Utc), Words.Bytes(stream.BytesADay), Words.Bytes(stream.Bytes),
                    stream.CostAMonth.ToString("0.00", CultureInfo.InvariantCulture));
        table.Write();
        Screen.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Streams.Count} streams, about {Words.Bytes(report.Streams.Sum(stream => stream.Bytes))}, {report.Prices.Currency} "
            + $"{report.Streams.Sum(stream => stream.CostAMonth):0.00} a month"));
        if (report.Streams.Any(stream => stream.Differs)) Screen.Remark(
            "crispy: the bucket's rules do something else than what is set: crispy retention apply --bucket NAME");
    }

    private static string Deletes(StreamRetentionReport stream) =>
        !stream.BucketIsKnown ? "not known" : stream.BucketDays is { } days ? new RetentionPeriod(days).Words : "never";

    // No API is looked for where the command line says it all.
    private static Command Of(Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellation) => Job.GuardAsync(() => run(parsed, cancellation), cancellation));
        return command;
    }

    private static Command Print()
    {
        var wanted = new WantedOptions();
        var command = new Command("rules",
            "Prints the lifecycle rules that carry it out in an empty bucket, "
                + "as gcloud storage buckets update --lifecycle-file takes them.");
        wanted.AddTo(command);
        return Of(command, async (parsed, cancellation) =>
        {
            var what = await wanted.ReadAsync(parsed, cancellation);
            Screen.Json(new JsonObject { ["rule"] = new JsonArray(
                [.. new RetentionPlan(what.Video, what.LossRecords, what.Streams).Rules()]) });
            return ExitCode.Well;
        });
    }

    private static Command Change(string verb, string description, bool sets)
    {
        var wanted = new WantedOptions();
        var bucket = new Option<string>("--bucket")
        {
            Description = "The bucket, with or without gs://; STORAGE_EMULATOR_HOST names an emulator", HelpName = "NAME", Required = true,
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command(verb, description) { bucket };
        wanted.AddTo(command);
        if (sets) command.Options.Add(yes);
        return Of(command, async (parsed, cancellation) =>
        {
            var what = await wanted.ReadAsync(parsed, cancellation);
            using var place = await RuledBucket.OpenAsync(parsed.GetRequiredValue(bucket), cancellation);
            var present = await place.ReadAsync(cancellation);
            var report = ChangeReport.Of(place.Name, what, present, await place.StreamsAsync(cancellation));
            var (json, agreed) = (wanted.Json(parsed), sets && parsed.GetValue(yes));
            if (!json) report.Write();
            else if (sets && report.Change.IsAny && !agreed) throw new UnableException(
                "--yes is needed with --json: nothing is shown that could be asked about");
            var isSet = sets && report.Change.IsAny && Consent.Given(agreed, Question(report));
            if (isSet) await place.WriteAsync(present, report.Change, cancellation);
            if (json) Screen.Json(report.ToJson(isSet));
            else if (isSet) Screen.Line("Set. Cloud Storage may go by the former rules for up to a day.");
            return report.Change.IsAny && !isSet ? ExitCode.Findings : ExitCode.Well;
        });
    }

    private static string Question(ChangeReport report) => report.Plan.Longest.Days is null && report.Plan.Rules().Count == 0
        ? $"Let gs://{report.Bucket} keep everything?" : $"Let gs://{report.Bucket} delete for good what is older?";
}
