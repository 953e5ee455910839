using Crispy.Cli.Api;
using Crispy.Cli.Checking;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Exporting;

/// <summary>Fetches chunks from the bucket by signed URLs, each with the manifest and signature that lie at its object,
/// and holds it against them.</summary>
internal sealed class ChunkDownload(ApiClient api, ManifestVerifier verifier) : IDisposable
{
    // Cloud Storage gives an object's own metadata back as headers of this prefix (XML API, "Get object").
    private const string MetadataPrefix = "x-goog-meta-";
    private const int Tries = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // No token: what is asked for here is the bucket's.
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };
    private readonly ItemCheck _check = new(verifier, readsContent: true);

    /// <summary>Fetches a chunk.</summary>
    /// <returns>What is wrong with it, in one line; null where it is what was signed.</returns>
    /// <exception cref="CommandException">It cannot be fetched.</exception>
    public async Task<string?> FetchAsync(ChunkAnswer chunk, string file, CancellationToken cancellation)
    {
        var metadata = await DownloadAsync(chunk, file, cancellation);
        var item = Item.OfObject(chunk.Object!, chunk.Object!, metadata)!
            with { CopyToAsync = (destination, token) => Item.CopyFileAsync(file, destination, token) };
        var result = await _check.CheckAsync(item, cancellation);
        if (result.Findings is [var finding, ..]) return finding.Kind;
        return result.Link?.Chunk == chunk.Chunk ? null : FindingKind.Moved;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<Dictionary<string, string>> DownloadAsync(ChunkAnswer chunk, string file, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var signed = (await api.GetAsync($"api/chunks/{chunk.Chunk}/url", cancellation)).As<UrlAnswer>();
                using var answer = await _http.GetAsync(signed.Url, HttpCompletionOption.ResponseHeadersRead, cancellation);
                answer.EnsureSuccessStatusCode();
                await using (var destination = File.Create(file)) await answer.Content.CopyToAsync(destination, cancellation);
                return answer.Headers.Where(header => header.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                    .ToDictionary(header => header.Key[MetadataPrefix.Length..].ToLowerInvariant(),
                        header => string.Concat(header.Value), StringComparer.Ordinal);
            }
            catch (Exception failed)
                when (failed is HttpRequestException or HttpIOException
                    || (failed is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                // A signed URL is good for anyone who has it: it stands in no message.
                if (attempt == Tries)
                    throw new CommandException(ExitCode.Findings, $"the bucket does not give {chunk.Chunk}: {failed.Message}", failed);
                await Task.Delay(FirstDelay * Math.Pow(2, attempt - 1), TimeProvider.System, cancellation);
            }
        }
    }
}
