using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy notify</c>: who is told when something goes wrong, and whether they can be reached.</summary>
internal static class NotifyCommand
{
    private const string Path = "api/notify";
    private const string TestHelp =
        "Sends a test to all targets, or to one, and prints what each said. Exit code 1 where it did not arrive.";

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var command = Job.Of(new Command("notify",
            "Who is told when something goes wrong, whether they can be reached, and what is open now. Exit code 1 where one cannot."),
            new(), ShowAsync);
        command.Add(Test());
        return command;
    }

    private static async Task<int> ShowAsync(Job job, CancellationToken cancellation)
    {
        var answer = await job.Api.GetAsync(Path, cancellation);
        var report = answer.As<NotifyReport>();
        if (job.Json) Screen.Json(answer);
        else Print(report);
        return report.Targets.Any(IsInTrouble) ? ExitCode.Findings : ExitCode.Well;
    }

    private static void Print(NotifyReport report)
    {
        if (report.Targets.Count == 0) Screen.Line("Nobody is told: set Crispy:Notify:0:Url for the console");
        else
        {
            var table = new Listing(new("TARGET"), new("ADDRESS", Cut.Middle), new("WAITING", Right: true), new("LAST TAKEN"),
                new("STATE", Cut.End));
            foreach (var target in report.Targets)
                table.Add(target.Target.ToString(CultureInfo.InvariantCulture), target.Url,
                    target.Pending.ToString(CultureInfo.InvariantCulture),
                    Words.Time(target.LastSuccess, TimeZoneInfo.Utc), State(target));
            table.Write();
        }
        foreach (var open in report.Open)
            Screen.Line(Screen.Printable($"open: {open.Text}"), new(open.Level == Level.Bad ? Color.Red : Color.Yellow));
    }

    private static Cell State(NotifyTargetReport target) => target.Ended ? new("wants no more (410)", new Style(Color.Red))
        : IsInTrouble(target) ? new(target.LastFailure!.Error, new Style(Color.Red)) : new("well");

    private static bool IsInTrouble(NotifyTargetReport target) =>
        target.Ended || (target.LastFailure is { } failure && !(failure.At < target.LastSuccess));

    private static Command Test()
    {
        var number = new Argument<int?>("TARGET")
        {
            Description = "Number of a target: the N of Crispy:Notify:N (default: all)", Arity = ArgumentArity.ZeroOrOne,
        };
        return Job.Of(new Command("test", TestHelp) { number }, new(),
            async (job, cancellation) =>
            {
                var body = new JsonObject { ["target"] = job.Parsed.GetValue(number) };
                var answer = await job.Api.SendAsync(HttpMethod.Post, $"{Path}/test", body, cancellation);
                var results = answer.As<NotifyTestReport>().Results;
                if (job.Json) Screen.Json(answer);
                else if (results.Count == 0) Screen.Line("Nobody is told: set Crispy:Notify:0:Url for the console");
                else foreach (var result in results)
                    Screen.Line(Screen.Printable($"{result.Target} {result.Url}: {(result.Ok ? "it arrived" : result.Error)}"));
                return results.All(result => result.Ok) ? ExitCode.Well : ExitCode.Findings;
            });
    }
}
