using System.Text.Json;

namespace Crispy.Console.StreamHandles;

/// <summary>A dead chunk and who has it.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="StreamHandle">The stream-handle in whose spool it lies.</param>
public sealed record DeadLetter(DeadChunk Chunk, Uri StreamHandle)
{
    /// <summary>The stream's id.</summary>
    public string Stream => Chunk.Chunk.Split('/')[0];
}

/// <summary>The dead chunks of all stream-handles.</summary>
public sealed class DeadLetters(StreamHandleDirectory directory, StreamHandleClient client, KnownStreams streams)
{
    /// <summary>Most chunks that one request takes.</summary>
    private const int Most = 1000;

    /// <summary>The first dead chunks of every stream-handle that answers, and how many there are in all.</summary>
    /// <param name="stream">Only this stream's; null for all.</param>
    /// <param name="limit">How many at most, 1 to 1000.</param>
    /// <param name="stop">Ends the asking.</param>
    /// <exception cref="RefusedException">A stream-handle refused.</exception>
    /// <exception cref="HttpRequestException">None answered.</exception>
    public async Task<(IReadOnlyList<DeadLetter> Letters, int Total)> ListAsync(string? stream, int limit, CancellationToken stop)
    {
        var query = stream is null ? "" : $"&stream={Uri.EscapeDataString(stream)}";
        var answering = streams.Answering(directory.Known).ToList();
        if (answering.Count == 0) throw new HttpRequestException("no stream-handle answers");
        var pages = await Task.WhenAll(answering.Select(async streamHandle =>
        {
            var page = await client.GetAsync<DeadPage>(streamHandle, $"/api/dead?limit={limit}{query}", stop);
            return (Letters: page.Items.Select(chunk => new DeadLetter(chunk, streamHandle)), page.Total);
        }));
        var letters = pages.SelectMany(page => page.Letters).DistinctBy(letter => letter.Chunk.Chunk)
            .OrderBy(letter => letter.Chunk.Chunk, StringComparer.Ordinal).Take(limit).ToList();
        return (letters, pages.Sum(page => page.Total));
    }

    /// <summary>Has the file of a dead chunk looked at, as it is now.</summary>
    /// <exception cref="RefusedException">Its stream-handle refused: it is dead no longer, or too many are being looked at.</exception>
    /// <exception cref="HttpRequestException">Its stream-handle did not answer.</exception>
    public async Task<DeadFile> LookAsync(DeadLetter letter, CancellationToken stop) =>
        (await client.GetAsync<DeadChunk>(letter.StreamHandle, $"/api/dead/{letter.Chunk.Chunk}", stop)).Probe
        ?? throw new RefusedException(502, "stream-handle is older than the console, and tells nothing of the file");

    /// <summary>Sends chunks back into the spool, to be stored once more.</summary>
    public Task<IReadOnlyList<DeadResult>> ReplayAsync(IReadOnlyCollection<DeadLetter> letters) => ActAsync("replay", letters, null);

    /// <summary>Gives chunks up: each becomes a signed loss record with the reason <c>discarded</c>, and its files are deleted.</summary>
    public Task<IReadOnlyList<DeadResult>> DiscardAsync(IReadOnlyCollection<DeadLetter> letters, string? reason) =>
        ActAsync("discard", letters, reason);

    private async Task<IReadOnlyList<DeadResult>> ActAsync(string action, IReadOnlyCollection<DeadLetter> letters, string? reason)
    {
        List<DeadResult> results = [];
        foreach (var own in letters.GroupBy(letter => letter.StreamHandle))
        {
            foreach (var part in own.Chunk(Most))
            {
                var answer = await client.SendAsync(own.Key, HttpMethod.Post, $"/api/dead/{action}",
                    new DeadSelection([.. part.Select(letter => letter.Chunk.Chunk)], reason));
                results.AddRange(answer?["results"]?.Deserialize<DeadResult[]>(ApiJson.Options) ?? []);
            }
        }
        return results;
    }
}
