using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy dead</c>: chunks that no retry can store; a person replays or discards them.</summary>
internal sealed class DeadCommand
{
    private const int Batch = 1000;

    private readonly Option<bool> _all = new("--all") { Description = "All dead chunks, or with --stream those of one stream" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };
    private readonly Option<string?> _reason =
        new("--reason") { Description = "Why, in up to 200 characters: becomes part of the signed loss record", HelpName = "TEXT" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var (stream, listed) = (StreamOption(), StreamOption());
        var command = Job.Of(new Command("dead", "Chunks that no retry can store: lists, replays or discards them.") { stream }, new(),
            (job, cancellation) => ListAsync(job, job.Get(stream), cancellation));
        command.Add(Job.Of(new Command("list", "Lists the dead chunks.") { listed }, new(),
            (job, cancellation) => ListAsync(job, job.Get(listed), cancellation)));
        command.Add(Show());
        command.Add(Act("replay", "Sends dead chunks again, into the queue. Exit code 1 where one could not be."));
        command.Add(Act("discard",
            "Gives dead chunks up: a signed loss record takes the place of each, and its files are deleted. "
                + "Exit code 1 where one could not be."));
        return command;
    }

    private static async Task<int> ListAsync(Job job, string? stream, CancellationToken cancellation)
    {
        var away = new AwayNote();
        var items = await job.Api.ItemsAsync(Path(stream), int.MaxValue, cancellation, away).ToListAsync(cancellation);
        away.Tell();
        if (job.Json)
            Screen.Json(away.AddTo(
                new() { ["total"] = items.Count, ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) }));
        else Print([.. items.Select(item => item.As<DeadChunk>())]);
        return ExitCode.Well;
    }

    private static void Print(IReadOnlyList<DeadChunk> dead)
    {
        if (dead.Count == 0)
        {
            Screen.Line("No dead chunks");
            return;
        }
        var table = new Listing(new("CHUNK", Cut.Middle), new("SINCE", Optional: true), new("SIZE", Right: true, Optional: true),
            new("REASON"), new("REPLAYABLE", Optional: true), new("ERROR", Cut.End));
        foreach (var chunk in dead) table.Add(chunk.Chunk, Words.Time(chunk.At, TimeZoneInfo.Utc), chunk.Size is { } size
            ? Words.Bytes(size) : "no file", chunk.Reason, chunk.Replayable ? "yes" : "no", new(chunk.Error, Whole: true));
        table.Write();
    }

    private static Command Show()
    {
        var options = new ApiOptions();
        var argument = new Argument<string>("CHUNK") { Description = "The chunk's id: STREAM/EPOCH/SEQUENCE" };
        Check(argument, options);
        return Job.Of(new Command("show", "Shows a dead chunk: why, since when, and what its file is now.") { argument }, options,
            async (job, cancellation) =>
        {
            var answer = await job.Api.GetAsync($"api/dead/{job.Get(argument)}", cancellation);
            if (job.Json)
            {
                Screen.Json(answer);
                return ExitCode.Well;
            }
            var chunk = answer.As<DeadChunk>();
            var table = new Listing(new Column(chunk.Chunk), new Column("", Cut.End));
            table.Add("reason", chunk.Reason);
            table.Add("error", new(chunk.Error, Whole: true));
            table.Add("since", Words.Time(chunk.At, TimeZoneInfo.Utc));
            table.Add("from", Words.Time(chunk.From, TimeZoneInfo.Utc));
            table.Add("to", Words.Time(chunk.To, TimeZoneInfo.Utc));
            table.Add("size",
                string.Create(CultureInfo.InvariantCulture,
                    $"{chunk.Size?.ToString(CultureInfo.InvariantCulture) ?? "no file"}, by its manifest "
                        + $"{chunk.ManifestSize?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}"));
            table.Add("object", chunk.Object);
            table.Add("replayable", chunk.Replayable ? "yes" : "no");
            if (chunk.Probe is { } file) Add(table, file);
            table.Write();
            return ExitCode.Well;
        });
    }

    private static void Add(Listing table, DeadFile file)
    {
        table.Add("file", new(file.Readable ? file.Error is null ? "can be read to its end" : $"can be read in part: {file.Error}"
            : $"cannot be read: {file.Error}", file.Error is null ? default(Style?) : new Style(Color.Red), Whole: true));
        if (file.Video is { } video)
            table.Add("video", $"{video.Codec}, {video.Width}x{video.Height}{(file.Container is { } container ? $", {container}" : "")}");
        if (file.Video is { } frames)
        {
            var fps = frames.Fps is { } rate ? $", {Words.Number(rate)} fps" : "";
            var duration = file.Duration is { } seconds ? $", {Words.Seconds(seconds)}" : "";
            table.Add("frames", string.Create(CultureInfo.InvariantCulture, $"{frames.Frames}{fps}{duration}"));
        }
        if (file.Readable) table.Add("audio", file.Audio?.Codec ?? "none");
        table.Add("sha256",
            file.Sha256Matches switch { true => "that of the manifest",
                false => new Cell("not that of the manifest", new Style(Color.Red)), null => "not known" });
        table.Add("signature", new(file.Signature, file.Signature == "verified" ? default(Style?) : new Style(Color.Red)));
    }

    private Command Act(string verb, string description)
    {
        var options = new ApiOptions();
        var stream = StreamOption();
        var argument =
            new Argument<string[]>("CHUNK") { Description = "The chunks' ids: STREAM/EPOCH/SEQUENCE", Arity = ArgumentArity.ZeroOrMore };
        Check(argument, options);
        var command = new Command(verb, description) { argument, _all, stream, _yes };
        if (verb == "discard") command.Options.Add(_reason);
        command.Validators.Add(result =>
        {
            var (named, all) = (result.GetResult(argument)?.Tokens.Count > 0, result.GetResult(_all) is { Implicit: false });
            if (named == all)
                result.AddError(named ? "--all and CHUNK exclude each other" : "CHUNK is missing: name chunks, or give --all");
            if (result.GetResult(stream) is { Implicit: false } && !all) result.AddError("--stream needs --all");
        });
        return Job.Of(command, options, async (job, cancellation) =>
        {
            var away = new AwayNote();
            var chunks = job.Get(_all) ? await AllAsync(job, job.Get(stream), away, cancellation) : [.. job.Get(argument)];
            away.Tell();
            if (chunks.Count > 0 && verb == "discard"
                && !Consent.Given(job.Get(_yes), $"Give up {chunks.Count} {(chunks.Count == 1 ? "chunk" : "chunks")} for good?"))
                return ExitCode.Findings;
            return await ActAsync(job, verb, chunks, away, verb == "discard" ? job.Get(_reason) : null, cancellation);
        });
    }

    private static async Task<int> ActAsync(Job job, string verb, List<string> chunks, AwayNote away, string? reason,
        CancellationToken cancellation)
    {
        var results = new JsonArray();
        await Busy.WithBarsAsync(async add =>
        {
            var bar = add(verb, chunks.Count);
            foreach (var batch in chunks.Chunk(Batch))
            {
                var body = new JsonObject { ["chunks"] = new JsonArray([.. batch.Select(chunk => JsonValue.Create(chunk))]) };
                if (reason is not null) body["reason"] = reason;
                var answer = await job.Api.SendAsync(HttpMethod.Post, $"api/dead/{verb}", body, cancellation);
                foreach (var result in answer["results"] as JsonArray ?? []) results.Add(result?.DeepClone());
                bar(results.Count);
            }
            return true;
        });
        var told = results.Select(result => result!.As<DeadResult>()).ToList();
        if (job.Json) Screen.Json(away.AddTo(new() { ["results"] = results }));
        else if (told.Count == 0) Screen.Line("No dead chunks");
        else foreach (var result in told)
        {
            var outcome = result.Ok ? verb == "replay" ? "queued" : "lost, by a signed record" : result.Error;
            Screen.Line(Screen.Printable($"{result.Chunk}: {outcome}"));
        }
        return told.All(result => result.Ok) && !away.IsAny ? ExitCode.Well : ExitCode.Findings;
    }

    private static async Task<List<string>> AllAsync(Job job, string? stream, AwayNote away, CancellationToken cancellation) =>
        await job.Api.ItemsAsync(Path(stream), int.MaxValue, cancellation, away).Select(item => (string)item["chunk"]!)
        .ToListAsync(cancellation);

    private static string Path(string? stream) => stream is null ? "api/dead" : $"api/dead?stream={Uri.EscapeDataString(stream)}";

    private static Option<string?> StreamOption()
    {
        var option = new Option<string?>("--stream") { Description = "Only of this stream", HelpName = "ID" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !StreamId.IsValid(token.Value))
                result.AddError($"--stream '{token.Value}' is not a stream's id");
        });
        return option;
    }

    private static void Check(Argument argument, ApiOptions options)
    {
        // Else the help lists every dead chunk there is.
        argument.HelpName = argument.Name;
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !ChunkId.TryParse(token.Value, out _)))
                result.AddError($"CHUNK '{token.Value}' is not a chunk's id: STREAM/EPOCH/SEQUENCE");
        });
        argument.CompletionSources.Add(context => Completion.Ask(options, context, "api/dead", "chunk"));
    }
}
