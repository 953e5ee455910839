using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Console.Recorders;

/// <summary>One dead chunk, as stream-handle tells it.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Reason"><c>conflict</c>, <c>damaged</c>, <c>missing</c>, <c>link</c>, <c>invalid</c> or <c>unknown</c>.</param>
/// <param name="Error">The last error.</param>
/// <param name="At">When it was put aside, UTC; null where that is not known.</param>
/// <param name="Size">Bytes of the file as it lies there; null where there is none.</param>
/// <param name="ManifestSize">Bytes that its manifest says; null where that cannot be read.</param>
/// <param name="From">UTC time of its first frame; null where the manifest cannot be read.</param>
/// <param name="To">UTC time at which its last frame ends; null where the manifest cannot be read.</param>
/// <param name="Replayable">Whether a replay is possible.</param>
public sealed record DeadChunk(string Chunk, string Reason, string Error, DateTimeOffset? At, long? Size, long? ManifestSize, DateTimeOffset? From, DateTimeOffset? To, bool Replayable)
{
    /// <summary>The stream's id.</summary>
    public string Stream => Chunk.Split('/')[0];

    /// <summary>The stream-handle in whose spool it lies.</summary>
    [JsonIgnore] public Uri? Recorder { get; init; }

    /// <summary>What its file is now; only where one chunk was asked for.</summary>
    public DeadFile? Probe { get; init; }
}

/// <summary>The file of a dead chunk as it lies on the disk now.</summary>
/// <param name="Readable">Whether frames can be read from it.</param>
/// <param name="Error">What is wrong with it; null where nothing is.</param>
/// <param name="Container"><c>mkv</c>, <c>mp4</c> or <c>ts</c>; null where it is none of them.</param>
/// <param name="Duration">Seconds; null where no frame can be read.</param>
/// <param name="Video">Its video; null where none is described.</param>
/// <param name="Audio">Its audio; null where there is none.</param>
/// <param name="Size">Its bytes; null where there is no file.</param>
/// <param name="SizeExpected">Bytes that its manifest says; null where that cannot be read.</param>
/// <param name="Sha256Matches">Whether it is what its manifest describes; null where that is not known.</param>
/// <param name="Signature">Of its manifest: <c>verified</c>, <c>invalid</c>, <c>missing</c> or <c>unknownKey</c>.</param>
public sealed record DeadFile(
    bool Readable, string? Error, string? Container, double? Duration, DeadVideo? Video, DeadAudio? Audio, long? Size, long? SizeExpected, bool? Sha256Matches, string Signature);

/// <summary>The video of a dead chunk's file.</summary>
public sealed record DeadVideo(string Codec, int Width, int Height, double? Fps, long Frames);

/// <summary>The audio of a dead chunk's file.</summary>
public sealed record DeadAudio(string Codec);

/// <summary>What became of one of several dead chunks.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Error">Why not; null where it was.</param>
public sealed record DeadResult(string Chunk, bool Ok, string? Error);

/// <summary>The dead chunks of all stream-handles.</summary>
public sealed class DeadLetters(RecorderDirectory directory, RecorderClient client, Fleet fleet)
{
    /// <summary>Most chunks that one request takes.</summary>
    private const int Most = 1000;

    /// <summary>The first dead chunks of every stream-handle that answers, and how many there are in all.</summary>
    /// <param name="stream">Only this stream's; null for all.</param>
    /// <param name="limit">How many at most, 1 to 1000.</param>
    /// <param name="stop">Ends the asking.</param>
    /// <exception cref="RecorderException">A stream-handle refused.</exception>
    /// <exception cref="HttpRequestException">None answered.</exception>
    public async Task<(IReadOnlyList<DeadChunk> Chunks, int Total)> ListAsync(string? stream, int limit, CancellationToken stop)
    {
        var query = stream is null ? "" : $"&stream={Uri.EscapeDataString(stream)}";
        var answering = fleet.Answering(directory.Known).ToList();
        if (answering.Count == 0) throw new HttpRequestException("no stream-handle answers");
        var pages = await Task.WhenAll(answering.Select(async recorder =>
        {
            var page = await client.GetAsync<Page<DeadChunk>>(recorder, $"/api/dead?limit={limit}{query}", stop);
            return page with { Items = [.. page.Items.Select(chunk => chunk with { Recorder = recorder })] };
        }));
        var chunks = pages.SelectMany(page => page.Items).DistinctBy(chunk => chunk.Chunk).OrderBy(chunk => chunk.Chunk, StringComparer.Ordinal).Take(limit).ToList();
        return (chunks, pages.Sum(page => page.Total ?? page.Items.Count));
    }

    /// <summary>Has the file of a dead chunk looked at, as it is now.</summary>
    /// <exception cref="RecorderException">Its stream-handle refused: it is dead no longer, or too many are being looked at.</exception>
    /// <exception cref="HttpRequestException">Its stream-handle did not answer.</exception>
    public async Task<DeadFile> LookAsync(DeadChunk chunk, CancellationToken stop) =>
        (await client.GetAsync<DeadChunk>(Owner(chunk), $"/api/dead/{chunk.Chunk}", stop)).Probe ?? throw new RecorderException(502, "stream-handle is older than the console, and tells nothing of the file");

    /// <summary>Sends chunks back into the spool, to be stored once more.</summary>
    public Task<IReadOnlyList<DeadResult>> ReplayAsync(IReadOnlyCollection<DeadChunk> chunks) => ActAsync("replay", chunks, null);

    /// <summary>Gives chunks up: each becomes a signed loss record with the reason <c>discarded</c>, and its files are deleted.</summary>
    public Task<IReadOnlyList<DeadResult>> DiscardAsync(IReadOnlyCollection<DeadChunk> chunks, string? reason) => ActAsync("discard", chunks, reason);

    private async Task<IReadOnlyList<DeadResult>> ActAsync(string action, IReadOnlyCollection<DeadChunk> chunks, string? reason)
    {
        List<DeadResult> results = [];
        foreach (var own in chunks.GroupBy(Owner))
        {
            foreach (var part in own.Chunk(Most))
            {
                var answer = await client.SendAsync(own.Key, HttpMethod.Post, $"/api/dead/{action}", new Selection([.. part.Select(chunk => chunk.Chunk)], reason));
                results.AddRange(answer?["results"]?.Deserialize<DeadResult[]>(RecorderJson.Options) ?? []);
            }
        }
        return results;
    }

    // Who recorded it need not be who records its stream now.
    private static Uri Owner(DeadChunk chunk) => chunk.Recorder ?? throw new ArgumentException($"{chunk.Chunk} comes from no list", nameof(chunk));

    private sealed record Selection(IReadOnlyList<string> Chunks, string? Reason);
}
