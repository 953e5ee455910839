using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy streams</c>: lists streams, shows one, and steers them.</summary>
internal sealed class StreamsCommand
{
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = Job.Of(new Command("streams", "Lists the streams; shows, pauses, resumes, restarts and removes them."), new(), ListAsync);
        command.Add(Job.Of(new Command("list", "Lists the streams."), new(), ListAsync));
        command.Add(Show());
        command.Add(Steer("pause", "Stops recording streams until they are resumed, also through restarts."));
        command.Add(Steer("resume", "Records paused streams again."));
        command.Add(Steer("restart", "Opens the sources of streams anew; files are read from their beginning."));
        command.Add(Remove());
        return command;
    }

    private static async Task<int> ListAsync(Job job, CancellationToken cancellation)
    {
        var away = new AwayNote();
        var items = await job.Api.ItemsAsync("api/streams", int.MaxValue, cancellation, away).ToListAsync(cancellation);
        away.Tell();
        if (job.Json) Screen.Json(away.AddTo(new() { ["total"] = items.Count, ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) }));
        else if (items.Count == 0) Screen.Line(away.IsAny ? "No streams" : "No streams yet: crispy add ID URL");
        else StreamTable.Of(items.Select(item => item.As<StreamReport>()), TimeProvider.System.GetUtcNow()).Write();
        return ExitCode.Well;
    }

    private static Command Show()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        return Job.Of(new Command("show", "Shows one stream: what it is, what it does, its newest gaps.") { stream }, options, async (job, cancellation) =>
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
        return Job.Of(new Command("remove", "Removes streams that were added. What is stored stays, what waits in the spool is still uploaded.") { streams, _yes }, options, async (job, cancellation) =>
        {
            var wanted = job.Get(streams);
            if (!Consent.Given(job.Get(_yes), $"Remove {string.Join(", ", wanted)}?")) return ExitCode.Findings;
            foreach (var stream in wanted)
            {
                await job.Api.SendAsync(HttpMethod.Delete, StreamArgument.Path(stream), null, cancellation);
                if (!job.Json) Screen.Line($"{stream}: removed");
            }
            if (job.Json) Screen.Json(new JsonObject { ["removed"] = new JsonArray([.. wanted.Select(stream => JsonValue.Create(stream))]) });
            return ExitCode.Well;
        });
    }

    /// <summary>Prints one stream.</summary>
    public static void Print(StreamReport stream)
    {
        var table = new Listing(new Column(stream.Id), new Column("", Cut.End));
        table.Add("name", stream.Name);
        table.Add("source", stream.Url);
        table.Add("state", new(stream.State.Name(), Words.StateStyle(stream.State)));
        if (stream.Error is not null) table.Add("error",
            new(Cause.Of(stream.Error, stream.Url), new(Spectre.Console.Color.Red), Whole: true));
        table.Add("origin", ApiEnum.Name(stream.Origin));
        table.Add("version", stream.Version.ToString(CultureInfo.InvariantCulture));
        table.Add("epoch", stream.Epoch);
        if (stream.LastChunk is { } last) table.Add("newest chunk", $"{last.Id}, to {Words.Time(last.To, TimeZoneInfo.Utc)}");
        table.Add("picture", string.Join(", ", new[] { stream.Fps is { } fps ? $"{Words.Number(fps)} fps" : "", Words.Bitrate(stream.Bitrate) }.Where(part => part.Length > 0)));
        if (stream.Clock is { } clock) table.Add("clock", clock.UncertaintyMs is { } doubt ? $"{clock.Source}, within {Words.Number(Math.Round(doubt, 1))} ms" : clock.Source);
        if (stream.Law is { } law) table.Add("law", $"captured {law.Captured} = stored {law.Stored} + spooled {law.Spooled} + dead {law.Dead} + lost {law.Lost}");
        foreach (var (key, value) in Keys(stream.Definition)) if (key is not ("id" or "name" or "url") && value is not null) table.Add(key, value.ToString());
        foreach (var gap in stream.Gaps.TakeLast(10)) table.Add("gap", $"{Words.Time(gap.From, TimeZoneInfo.Utc)} for {Words.Seconds((gap.To - gap.From).TotalSeconds)}: {gap.Text}");
        table.Write();
    }

    private static JsonObject Keys(StreamDefinition? definition) =>
        JsonSerializer.SerializeToNode(definition, JsonSerializerOptions.Web) as JsonObject ?? [];
}
