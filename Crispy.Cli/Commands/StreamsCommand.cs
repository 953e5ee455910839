using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Cameras.Lists;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy streams</c>: lists streams, shows one, and steers them.</summary>
internal sealed class StreamsCommand
{
    private static readonly string[] Formats = ["csv", "yaml"];

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = List(new("streams", "Lists the streams; shows, pauses, resumes, restarts and removes them."));
        command.Add(List(new("list", "Lists the streams.")));
        command.Add(Show());
        command.Add(Steer("pause", "Stops recording streams until they are resumed, also through restarts."));
        command.Add(Steer("resume", "Records paused streams again."));
        command.Add(Steer("restart", "Opens the sources of streams again; files are read from their beginning."));
        command.Add(Remove());
        return command;
    }

    private static Command List(Command command)
    {
        var group = new Option<string?>("--group") { Description = "Those of a group, and of the groups in it", HelpName = "GROUP" };
        var tags = new Option<string[]>("--tag") { Description = "Those that have this tag; several times: all of them",
            HelpName = "WORD" };
        var export = new Option<string?>(
            "--export") { Description = "Writes what they are as csv or yaml, for crispy add --from; passwords are left out",
                HelpName = "FORMAT" };
        export.AcceptOnly(Formats);
        foreach (var option in (Option[])[group, tags, export]) command.Options.Add(option);
        return Job.Of(command, new(),
            (job, cancellation) => ListAsync(job, job.Get(group), job.Get(tags) ?? [], job.Get(export), cancellation));
    }

    private static async Task<int> ListAsync(Job job, string? group, string[] tags, string? export, CancellationToken cancellation)
    {
        var away = new AwayNote();
        var all = await job.Api.ItemsAsync("api/streams", int.MaxValue, cancellation, away).ToListAsync(cancellation);
        away.Tell();
        var items = group is null && tags.Length == 0 ? all : [.. all.Where(item => IsWanted(item.As<StreamReport>(), group, tags))];
        if (export is not null) return await ExportAsync(job, items, export, cancellation);
        if (job.Json)
            Screen.Json(away.AddTo(
                new() { ["total"] = items.Count, ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) }));
        else if (items.Count == 0)
            Screen.Line(all.Count > 0 ? "No streams in this group or with these tags" : away.IsAny
                ? "No streams"
                : "No streams yet: crispy add ID URL");
        else StreamTable.Of(items.Select(item => item.As<StreamReport>()), TimeProvider.System.GetUtcNow()).Write();
        return ExitCode.Well;
    }

    private static bool IsWanted(StreamReport stream, string? group, string[] tags) =>
        (group is null || StreamLabels.IsIn(stream.Group, group))
        && tags.All(tag => stream.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase));

    // The API gives addresses without secrets: brought in again, they stay as they are, and elsewhere they must be written again.
    private static async Task<int> ExportAsync(Job job, List<JsonNode> items, string format, CancellationToken cancellation)
    {
        List<StreamDefinition> cameras = [];
        foreach (var id in items.Select(item => item.As<StreamReport>()).Where(stream => stream.State != StreamState.Removed)
            .Select(stream => stream.Id))
            if ((await job.Api.GetAsync(StreamArgument.Path(id), cancellation)).As<StreamReport>().Definition is { } definition)
                cameras.Add(definition);
        Console.Out.Write(format == "csv" ? ListWriter.Csv(cameras) : ListWriter.Yaml(cameras));
        if (cameras.Exists(camera => camera.Url?.Contains("***", StringComparison.Ordinal) == true))
            Screen.Remark(
                "crispy: *** stands for what may be a secret, which the API gives nobody. Where the stream is there, it stays as it is; "
                    + "elsewhere it must be written again");
        return ExitCode.Well;
    }

    private static Command Show()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        return Job.Of(new Command("show", "Shows one stream: what it is, what it does, its newest gaps.") { stream }, options,
            async (job, cancellation) =>
        {
            var answer = await job.Api.GetAsync(StreamArgument.Path(job.Get(stream)), cancellation);
            if (job.Json) Screen.Json(answer);
            else Print(answer.As<StreamReport>());
            return ExitCode.Well;
        });
    }

    private static Command Steer(string verb, string description)
    {
        var options = new ApiOptions();
        var streams = StreamArgument.Several(options);
        return Job.Of(new Command(verb, description) { streams }, options, async (job, cancellation) =>
        {
            var answers = new JsonArray();
            foreach (var stream in job.Get(streams))
            {
                var answer = await job.Api.SendAsync(HttpMethod.Post, StreamArgument.Path(stream, $"/{verb}"), null, cancellation);
                answers.Add(answer);
                if (!job.Json) Screen.Line($"{stream}: {answer.As<StreamReport>().State.Name()}");
            }
            if (job.Json) Screen.Json(new JsonObject { ["items"] = answers });
            return ExitCode.Well;
        });
    }

    private Command Remove()
    {
        var options = new ApiOptions();
        var streams = StreamArgument.Several(options);
        return Job.Of(
            new Command("remove",
                "Removes streams that were added. What is stored stays, what waits in the spool is still uploaded.") { streams, _yes },
                options, async (job, cancellation) =>
        {
            var wanted = job.Get(streams);
            if (!Consent.Given(job.Get(_yes), $"Remove {string.Join(", ", wanted)}?")) return ExitCode.Findings;
            foreach (var stream in wanted)
            {
                await job.Api.SendAsync(HttpMethod.Delete, StreamArgument.Path(stream), null, cancellation);
                if (!job.Json) Screen.Line($"{stream}: removed");
            }
            if (job.Json)
                Screen.Json(new JsonObject { ["removed"] = new JsonArray([.. wanted.Select(stream => JsonValue.Create(stream))]) });
            return ExitCode.Well;
        });
    }

    /// <summary>Prints one stream.</summary>
    public static void Print(StreamReport stream)
    {
        var table = new Listing(new Column(stream.Id), new Column("", Cut.End));
        table.Add("name", stream.Name);
        if (stream.Group is { } group) table.Add("group", group);
        if (stream.Tags.Count > 0) table.Add("tags", string.Join(", ", stream.Tags));
        table.Add("source", stream.Url);
        table.Add("state", new(stream.State.Name(), Words.StateStyle(stream.State)));
        if (stream.Error is not null) table.Add("error",
            new(Cause.Of(stream.Error, stream.Url), new(Spectre.Console.Color.Red), Whole: true));
        table.Add("origin", ApiEnum.Name(stream.Origin));
        if (stream.ConfiguredAt is { } place) table.Add("configured at", place.ToString());
        table.Add("version", stream.Version.ToString(CultureInfo.InvariantCulture));
        table.Add("epoch", stream.Epoch);
        if (stream.LastChunk is { } last) table.Add("newest chunk", $"{last.Id}, to {Words.Time(last.To, TimeZoneInfo.Utc)}");
        table.Add("picture",
            string.Join(", ",
                new[] { stream.FpsNow is { } fps ? $"{Words.Number(fps)} fps" : "",
                    Words.Bitrate(stream.BitrateNow) }.Where(part => part.Length > 0)));
        if (stream.Clock is { } clock)
            table.Add("clock",
                clock.UncertaintyMs is { } doubt ? $"{clock.Source}, within {Words.Number(Math.Round(doubt, 1))} ms" : clock.Source);
        if (stream.Law is { } law)
            table.Add("law", $"captured {law.Captured} = stored {law.Stored} + spooled {law.Spooled} + dead {law.Dead} + lost {law.Lost}");
        foreach (var (key, value) in Keys(stream.Definition))
            if (key is not ("id" or "name" or "group" or "tags" or "url") && value is not null)
            table.Add(key, value.ToString());
        foreach (var gap in stream.Gaps.TakeLast(10))
            table.Add("gap", $"{Words.Time(gap.From, TimeZoneInfo.Utc)} for {Words.Seconds((gap.To - gap.From).TotalSeconds)}: {gap.Text}");
        table.Write();
    }

    private static JsonObject Keys(StreamDefinition? definition) =>
        JsonSerializer.SerializeToNode(definition, JsonSerializerOptions.Web) as JsonObject ?? [];
}
