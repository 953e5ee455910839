using System.Text.Json.Nodes;
using Crispy.Cameras.Lists;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy add --from</c>: all streams of a file, or none.</summary>
internal sealed class ManyStreams(Job job, FileOptions options)
{
    private sealed record Result(CameraRow Row, ImportItem Item);

    /// <summary>Adds them.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (name, list) = options.Read(job.Parsed);
        foreach (var problem in list.Problems) Screen.Remark($"crispy: {name}: {Screen.Printable(problem.ToString())}");
        if (list.Problems.Count > 0) return ExitCode.Unable;
        var (onlyGood, isDry) = (options.OnlyGood(job.Parsed), options.IsDry(job.Parsed));
        var good = list.Rows.Where(row => row.Problems.Count == 0).ToList();
        // What the API says of the good rows is told beside what is wrong with the others, in one go.
        var isHeldBack = good.Count < list.Rows.Count && !onlyGood;
        var report = good.Count == 0 ? new(false, []) : await SendAsync(good, isDry || isHeldBack, onlyGood, cancellation);
        var items = good.Zip(report.Items).ToDictionary(pair => pair.First, pair => pair.Second);
        List<Result> results = [.. list.Rows.Select(row => new Result(row, items.GetValueOrDefault(row) ?? OfFile(row)))];
        if (job.Json) Screen.Json(Json(report.Applied, results));
        else Print(name, report.Applied, isDry, results);
        return results.Exists(result => result.Item.Outcome is ImportOutcome.Wrong or ImportOutcome.Failed)
            ? ExitCode.Findings
            : ExitCode.Well;
    }

    private async Task<ImportReport> SendAsync(List<CameraRow> rows, bool isDry, bool onlyGood, CancellationToken cancellation)
    {
        var request = new JsonObject
        {
            ["items"] = new JsonArray([.. rows.Select(row => row.Definition.DeepClone())]),
            ["dryRun"] = isDry, ["replace"] = options.Replaces(job.Parsed), ["onlyGood"] = onlyGood,
        };
        var answer = await Busy.WhileAsync(isDry ? "Looking at them ..." : "Adding them ...",
            () => job.Api.SendAsync(HttpMethod.Post, "api/streams/import", request, cancellation));
        var report = answer.As<ImportReport>();
        return report.Items?.Count == rows.Count
            ? report
            : throw new RefusedException(200, "the API answered with something else than this version of crispy knows");
    }

    private static ImportItem OfFile(CameraRow row) => new(row.Id, ImportOutcome.Wrong, null,
        row.Problems.GroupBy(problem => problem.Field ?? "$")
            .ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()));

    private static void Print(string name, bool isApplied, bool isDry, List<Result> results)
    {
        foreach (var (row, item) in results)
        {
            if (item.Outcome is ImportOutcome.Added or ImportOutcome.Replaced or ImportOutcome.Unchanged)
            {
                var would = isApplied || item.Outcome == ImportOutcome.Unchanged ? "" : "would be ";
                Screen.Line(Screen.Printable($"{row.Id}: {would}{ApiEnum.Name(item.Outcome)}"));
            }
            foreach (var problem in Problems(row, item)) Screen.Remark($"crispy: {name}: {Screen.Printable(problem.ToString())}");
        }
        string[] parts = [.. results.CountBy(result => result.Item.Outcome).OrderBy(pair => pair.Key)
            .Select(pair => $"{pair.Value} {ApiEnum.Name(pair.Key)}")];
        var ending = isApplied ? ""
            : isDry ? ": a dry run, nothing was done"
            : ": nothing was done. --only-good takes the good ones alone";
        Screen.Line($"{string.Join(", ", parts)}{ending}");
    }

    private static IEnumerable<ListProblem> Problems(CameraRow row, ImportItem item) =>
        row.Problems.Count > 0 ? row.Problems : item.Errors.SelectMany(field => field.Value.Select(message => row.At(field.Key, message)));

    private static JsonObject Json(bool isApplied, List<Result> results)
    {
        var answer = new JsonObject { ["applied"] = isApplied };
        foreach (var outcome in Enum.GetValues<ImportOutcome>().Where(outcome => outcome != ImportOutcome.Unknown))
            answer[ApiEnum.Name(outcome)] = results.Count(result => result.Item.Outcome == outcome);
        answer["items"] = new JsonArray([.. results.Select(result => new JsonObject
        {
            ["line"] = result.Row.Place.Line, ["id"] = result.Row.Id, ["outcome"] = ApiEnum.Name(result.Item.Outcome),
            ["url"] = result.Item.Url,
            ["errors"] = new JsonArray([.. Problems(result.Row, result.Item).Select(problem => new JsonObject
            {
                ["line"] = problem.Place.Line, ["column"] = problem.Place.Column, ["field"] = problem.Field, ["message"] = problem.Message,
            })]),
        })]);
        return answer;
    }
}
