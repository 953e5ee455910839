using System.Collections.Concurrent;
using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cli.Api;
using Crispy.Cli.Exporting;
using Crispy.Cli.Keys;
using Crispy.Cli.Sources;
using Crispy.Cli.Terminal;
using Crispy.Cli.Times;
using Crispy.Contracts;
using Crispy.Exporting;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy export</c>: a range of a stream as one file.</summary>
internal sealed class ExportCommand
{
    private const int AtOnce = 4;
    private static readonly FfmpegTools Tools = new();
    private static readonly Joiner Joining = new(Tools);

    private readonly TimeOptions _times = new("", required: true);
    private readonly Option<string> _output =
        new("--output", "-o") { Description = "The file: .mp4, .mov, .mkv or .ts", HelpName = "FILE", Required = true };
    private readonly Option<bool> _allowGaps =
        new("--allow-gaps") { Description = "Write the file also where the range is not whole; a gap stays a gap in its timestamps" };
    private readonly Option<bool> _force = new("--force") { Description = "Replace the file if it is there" };
    private readonly Option<string?> _audio = new(
        "--audio") { Description = "Its sound: keep (default, as it is), drop, or aac, which encodes it where the container cannot hold it",
            HelpName = "AUDIO" };
    private readonly Option<string[]> _keys = new(
        "--keys") { Description = "Public keys: a file or an address, as of verify (default: those that the API publishes)",
            HelpName = "FILE|URL" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        _output.Validators.Add(RequireContainer);
        _audio.AcceptOnly("keep", "drop", "aac");
        var command = new Command("export",
            "Joins a range of a stream from the bucket into one file, without re-encoding: whole chunks, from keyframe to keyframe. Each "
                + "is checked by its signature and hash. Exit code 1, and no file, where the range is not whole.") { stream };
        _times.AddTo(command);
        foreach (var option in (Option[])[_output, _allowGaps, _force, _audio, _keys]) command.Options.Add(option);
        return Job.Of(command, options, (job, cancellation) => RunAsync(job, job.Get(stream), cancellation));
    }

    private async Task<int> RunAsync(Job job, string stream, CancellationToken cancellation)
    {
        RequirePrograms();
        var output = Path.GetFullPath(job.Get(_output)!);
        if (!job.Get(_force) && File.Exists(output)) throw new UnableException($"--output {output} is there already: --force replaces it");
        if (!Directory.Exists(Path.GetDirectoryName(output))) throw new UnableException($"--output {output}: there is no such folder");
        var (range, now) = (_times.Range(job.Parsed), TimeProvider.System.GetUtcNow());
        // What is not recorded yet cannot be missing.
        DateTimeOffset? wanted = !range.HasEnd ? null : range.To < now ? range.To : now;
        var items = await Busy.WhileAsync("Reading the archive ...", async () =>
            (await job.Api.ItemsAsync(ChunksCommand.Path(stream, range), int.MaxValue, cancellation).ToListAsync(cancellation))
            .ConvertAll(item => item.As<ChunkAnswer>()));
        var chunks = items.ConvertAll(item => item.ToExport());
        var files = items.DistinctBy(item => item.Chunk).ToDictionary(item => item.Chunk, StringComparer.Ordinal);
        using var verifier = await KeysAsync(job, cancellation);

        var folder = Directory.CreateDirectory(
            Path.Combine(Path.GetDirectoryName(output)!, $".{Path.GetFileName(output)}.{Guid.NewGuid():N}")).FullName;
        try
        {
            var (plan, file) = (ExportPlan.Of(chunks, range.From, wanted, new Dictionary<string, string>()), (JoinedFile?)null);
            var policy = job.Get(_audio) switch { "drop" => SoundPolicy.Drop, "aac" => SoundPolicy.Aac, _ => SoundPolicy.Keep };
            if (IsFit(job, plan))
            {
                if (policy == SoundPolicy.Keep) await RequireSoundAsync(job, plan, files, verifier, folder, output, cancellation);
                var bad = await FetchAsync(job, plan, files, verifier, folder, cancellation);
                plan = ExportPlan.Of(chunks, range.From, wanted, bad);
                if (IsFit(job, plan)) file = await JoinAsync(plan, files, folder, output, policy, verifier, cancellation);
            }
            var report = new ExportReport(stream, new(range.From, wanted ?? range.To),
                (await ExplainAsync(job, stream, range, plan, cancellation)).Holes, file);
            report.Write(job.Json, _times.Zone(job.Parsed));
            if (file is null)
                throw new CommandException(ExitCode.Findings,
                    plan.Chunks.Count == 0
                        ? $"nothing of {stream} is stored in this range"
                        : "the range is not whole, so nothing was written: --allow-gaps exports what is there");
            return ExitCode.Well;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private bool IsFit(Job job, ExportPlan plan) => plan.Chunks.Count > 0 && (plan.Holes.Count == 0 || job.Get(_allowGaps));

    private async Task<ManifestVerifier> KeysAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            return await PublicKeys.ReadAsync(job.Get(_keys) is { Length: > 0 } given
                ? given
                : [new Uri(job.Api.Address.Url, ".well-known/jwks.json").AbsoluteUri], cancellation);
        }
        catch (SourceException unreadable)
        {
            throw new UnableException(unreadable.Message, unreadable);
        }
    }

    /// <returns>The chunks that are not what was signed, with what is wrong.</returns>
    private static async Task<IReadOnlyDictionary<string, string>> FetchAsync(Job job, ExportPlan plan,
        Dictionary<string, ChunkAnswer> files, ManifestVerifier verifier,
        string folder, CancellationToken cancellation)
    {
        using var download = new ChunkDownload(job.Api, verifier);
        var bad = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        return await Busy.WithBarsAsync(async add =>
        {
            var (bar, bytes) = (add("Fetching", Math.Max(1, plan.Chunks.Sum(chunk => chunk.Size))), 0L);
            await Parallel.ForEachAsync(plan.Chunks,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (chunk, token) =>
            {
                if (await download.FetchAsync(files[chunk.Chunk], Path.Combine(folder, NameOf(files[chunk.Chunk])), token) is { } trouble)
                    bad[chunk.Chunk] = trouble;
                bar(Interlocked.Add(ref bytes, chunk.Size));
            });
            return bad;
        });
    }

    // One chunk tells what sound the container has to hold: who waited for a whole range would be told too late.
    private static async Task RequireSoundAsync(Job job, ExportPlan plan, Dictionary<string, ChunkAnswer> files, ManifestVerifier verifier,
        string folder, string output,
        CancellationToken cancellation)
    {
        using var download = new ChunkDownload(job.Api, verifier);
        foreach (var chunk in plan.Chunks)
        {
            var file = Path.Combine(folder, NameOf(files[chunk.Chunk]));
            if (await download.FetchAsync(files[chunk.Chunk], file, cancellation) is not null) continue;
            var (extension, codec) = (Path.GetExtension(output), (await ChunkFacts.ReadAsync(Tools, file, cancellation)).SoundCodec);
            if (codec is null || await Fit.HoldsSoundAsync(Tools, file, codec, Joiner.Muxers[extension], cancellation)) return;
            throw new DoesNotFitException($"the sound is {Fit.NameOf(codec)}, which {extension} cannot hold: --audio aac encodes it, "
                + "--audio drop leaves it out, and a file that ends in .mkv holds it as it is");
        }
    }

    private static async Task<JoinedFile> JoinAsync(ExportPlan plan, Dictionary<string, ChunkAnswer> files, string folder,
        string output, SoundPolicy policy,
        ManifestVerifier verifier, CancellationToken cancellation)
    {
        var pieces = new Piece[plan.Chunks.Count];
        await Parallel.ForAsync(0, pieces.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (index, token) =>
        {
            var chunk = plan.Chunks[index];
            var name = NameOf(files[chunk.Chunk]);
            pieces[index] = new(chunk, name, await ChunkFacts.ReadAsync(Tools, Path.Combine(folder, name), token));
        });
        var sound = policy != SoundPolicy.Drop && pieces[0].Facts.Sound is not null
            && pieces.All(piece => piece.Facts.Sound == pieces[0].Facts.Sound);
        if (policy != SoundPolicy.Drop && !sound
            && pieces.Any(piece => piece.Facts.Sound is not null))
            Screen.Remark("crispy: not all chunks have the same sound: exported without", new Style(Color.Yellow));

        var joined = Path.Combine(folder, $"joined{Path.GetExtension(output).ToLowerInvariant()}");
        var off = await Busy.WhileAsync("Joining ...", () =>
            Joining.JoinAsync(pieces, folder, joined, sound ? policy : SoundPolicy.Drop, cancellation));
        var (frames, stated) = (await Joining.FramesAsync(joined, cancellation), plan.Chunks.Sum(chunk => chunk.Frames));
        if (frames != stated)
            throw new CommandException(ExitCode.Findings,
                $"the joined file has {frames} frames, the manifests {stated}: nothing was written");
        cancellation.ThrowIfCancellationRequested();
        File.Move(joined, output, overwrite: true);
        return new(output, plan.Chunks[0].From, plan.Chunks.Max(chunk => chunk.To), plan.Chunks.Count, frames, new FileInfo(output).Length,
            sound, Instants.Seconds(off), verifier.KeyIds);
    }

    // The archive knows more of a gap than that there is nothing: whether numbers are missing.
    private static async Task<ExportPlan> ExplainAsync(Job job, string stream, TimeRange range, ExportPlan plan,
        CancellationToken cancellation)
    {
        if (plan.Holes.All(hole => hole.Kind != "gap")) return plan;
        try
        {
            var path = StreamArgument.Path(stream,
                $"/timeline?pixels=10000&from={Uri.EscapeDataString(Instants.Format(range.From))}"
                    + $"&to={Uri.EscapeDataString(Instants.Format(range.To))}");
            var spans = (await job.Api.GetAsync(path, cancellation)).As<TimelineAnswer>().Spans;
            return plan.Explained(
                [.. spans.Where(span => span.Kind == "gap").Select(span => new ExportGap(span.From, span.To, span.Reason, span.Chunks))]);
        }
        catch (RefusedException)
        {
            return plan;
        }
    }

    // Named before anything is begun.
    private static void RequirePrograms()
    {
        foreach (var program in (string[])["ffmpeg", "ffprobe"])
            if (Local.Programs.Find(program) is null) throw new MissingProgramException(program);
    }

    private static string NameOf(ChunkAnswer chunk) => $"{chunk.Epoch}{ChunkId.Digits(chunk.Sequence)}.{chunk.Container}";

    private static void RequireContainer(OptionResult option)
    {
        if (option.Tokens is [var token] && !Joiner.Muxers.ContainsKey(Path.GetExtension(token.Value)))
            option.AddError($"--output '{token.Value}' does not end in {string.Join(", ", Joiner.Muxers.Keys)}");
    }
}
