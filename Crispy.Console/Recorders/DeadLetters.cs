using System.Text.Json;

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
}

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
        var answering = directory.Known.Except(fleet.Troubles.Select(trouble => trouble.Address)).ToList();
        if (answering.Count == 0) throw new HttpRequestException("no stream-handle answers");
        var pages = await Task.WhenAll(answering.Select(recorder => client.GetAsync<Page<DeadChunk>>(recorder, $"/api/dead?limit={limit}{query}", stop)));
        var chunks = pages.SelectMany(page => page.Items).DistinctBy(chunk => chunk.Chunk).OrderBy(chunk => chunk.Chunk, StringComparer.Ordinal).Take(limit).ToList();
        return (chunks, pages.Sum(page => page.Total ?? page.Items.Count));
    }

    /// <summary>Sends chunks back into the spool, to be stored once more.</summary>
    public Task<IReadOnlyList<DeadResult>> ReplayAsync(IReadOnlyCollection<string> chunks) => ActAsync("replay", chunks, null);

    /// <summary>Gives chunks up: each becomes a signed loss record with the reason <c>discarded</c>, and its files are deleted.</summary>
    public Task<IReadOnlyList<DeadResult>> DiscardAsync(IReadOnlyCollection<string> chunks, string? reason) => ActAsync("discard", chunks, reason);

    private async Task<IReadOnlyList<DeadResult>> ActAsync(string action, IReadOnlyCollection<string> chunks, string? reason)
    {
        List<DeadResult> results = [];
        foreach (var own in chunks.GroupBy(Owner))
        {
            foreach (var part in own.Chunk(Most))
            {
                var answer = await client.SendAsync(own.Key, HttpMethod.Post, $"/api/dead/{action}", new Selection(part, reason));
                results.AddRange(answer?["results"]?.Deserialize<DeadResult[]>(RecorderJson.Options) ?? []);
            }
        }
        return results;
    }

    // Chunks of a stream that was removed lie in a spool all the same: with a single stream-handle there is no doubt in which.
    private Uri Owner(string chunk) => fleet.Find(chunk.Split('/')[0])?.Recorder ?? (directory.Known.Count > 0 ? directory.Known[0] : throw new HttpRequestException("no stream-handle is known"));

    private sealed record Selection(IReadOnlyList<string> Chunks, string? Reason);
}
