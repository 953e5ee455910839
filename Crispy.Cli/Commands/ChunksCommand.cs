using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Cli.Times;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy chunks</c>: what was recorded of a stream, and where it is.</summary>
internal sealed class ChunksCommand
{
    private readonly TimeOptions _times = new("-1h");
    private readonly Option<string?> _state =
        new("--state") { Description = "Only what is stored, spooled, dead or lost", HelpName = "STATE" };
    private readonly Option<int> _limit =
        new("--limit") { Description = "No more than so many (1000)", HelpName = "N", DefaultValueFactory = _ => 1000 };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        _state.AcceptOnly("stored", "spooled", "dead", "lost");
        _limit.Validators.Add(RequireCount);
        var command = new Command("chunks",
            "Lists the chunks of a stream: times, size, where each is, and whether its signature is good.") { stream };
        _times.AddTo(command);
        command.Options.Add(_state);
        command.Options.Add(_limit);
        return Job.Of(command, options, (job, cancellation) => RunAsync(job, job.Get(stream), cancellation));
    }

    /// <summary>The query of a range of a stream's chunks.</summary>
    public static string Path(string stream, TimeRange range, string? state = null) =>
        $"api/chunks?stream={Uri.EscapeDataString(stream)}&from={Uri.EscapeDataString(Instants.Format(range.From))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(range.To))}{(state is null ? "" : $"&state={state}")}";

    private async Task<int> RunAsync(Job job, string stream, CancellationToken cancellation)
    {
        var (range, limit) = (_times.Range(job.Parsed), job.Get(_limit));
        var items = await Busy.WhileAsync("Reading the archive ...",
            () => job.Api.ItemsAsync(Path(stream, range, job.Get(_state)), limit + 1, cancellation).ToListAsync(cancellation).AsTask());
        var more = items.Count > limit;
        if (more) items.RemoveAt(limit);
        if (job.Json)
            Screen.Json(new JsonObject { ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]), ["more"] = more });
        else Print(stream, range, [.. items.Select(item => item.As<ChunkAnswer>())], _times.Zone(job.Parsed), more);
        return ExitCode.Well;
    }

    private static void Print(string stream, TimeRange range, IReadOnlyList<ChunkAnswer> chunks, TimeZoneInfo zone, bool more)
    {
        if (chunks.Count == 0)
        {
            Screen.Line($"Nothing of {stream} from {Words.Time(range.From, zone)} to {Words.Time(range.To, zone)}");
            return;
        }
        var table = new Listing(new("FROM"), new("SECONDS", Right: true), new("FRAMES", Right: true, Optional: true),
            new("SIZE", Right: true, Optional: true), new("STATE"), new("SIGNATURE"), new("CHUNK", Cut.Middle),
            new("NOTES", Cut.End, Optional: true));
        foreach (var chunk in chunks)
        {
            table.Add(Words.Time(chunk.From, zone), (chunk.Duration ?? (chunk.To - chunk.From).TotalSeconds)
                .ToString("0.000", CultureInfo.InvariantCulture), Words.Number(chunk.Frames),
                chunk.Size is { } size ? Words.Bytes(size) : "", new(chunk.State, Words.StateStyle(chunk.State)),
                new(chunk.Signature, chunk.Signature is null or "verified" ? default(Style?) : new Style(Color.Red)),
                chunk.Chunk, Notes(chunk));
        }
        table.Write();
        Screen.Line(Sum(chunks) + (more ? "; there are more: --limit N" : ""));
    }

    private static string Notes(ChunkAnswer chunk) =>
        string.Join(", ",
            new[] { chunk.Reason,
                chunk.Codec is { } codec
                    ? $"{codec} {chunk.Width}x{chunk.Height} {chunk.Container}"
                    : null }.OfType<string>().Concat(chunk.Flags ?? []));

    private static string Sum(IReadOnlyList<ChunkAnswer> chunks)
    {
        var states = chunks.GroupBy(chunk => chunk.State).Select(group => $"{group.Count()} {group.Key}");
        return string.Create(CultureInfo.InvariantCulture,
            $"{chunks.Count} {(chunks.Count == 1 ? "chunk" : "chunks")} ({string.Join(", ", states)}), "
                + $"{chunks.Sum(chunk => chunk.Frames ?? 0)} frames, {Words.Bytes(chunks.Sum(chunk => chunk.Size ?? 0))}");
    }

    private static void RequireCount(OptionResult option)
    {
        if (option.Tokens is [var token]
            && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 1_000_000))
            option.AddError($"--limit '{token.Value}' is not a whole number from 1 to 1000000");
    }
}
