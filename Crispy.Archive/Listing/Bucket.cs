using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Cloud.Storage.V1;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Listing;

/// <summary>The bucket, read. Every failure that is not the caller's is an <see cref="ArchiveAwayException"/>.</summary>
internal sealed class Bucket(StorageClient storage, string name, TimeProvider time)
{
    /// <summary>Everything that says what an object is; the object's own checksum is held against its manifest.</summary>
    public const string AllFields = "items(name,generation,size,crc32c,timeCreated,temporaryHold,eventBasedHold,metadata),nextPageToken";

    /// <summary>What tells whether something is new.</summary>
    public const string NameFields = "items(name,generation,temporaryHold,eventBasedHold),nextPageToken";

    private const int PageSize = 1000;

    // One page; the client itself retries within it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // How long it is left alone by those who can do without it, after it did not answer.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private long _awayUntilTicks;

    public string Name => name;

    /// <summary>Whether it did not answer a moment ago, nor since.</summary>
    public bool IsAway => time.GetUtcNow().UtcTicks < Interlocked.Read(ref _awayUntilTicks);

    /// <summary>Takes note that it took longer than somebody could wait.</summary>
    public void NoteAway() => Interlocked.Exchange(ref _awayUntilTicks, (time.GetUtcNow() + Rest).UtcTicks);

    /// <summary>Objects in the order of their names.</summary>
    /// <param name="prefix">Names begin with it.</param>
    /// <param name="fields">What is told of each.</param>
    /// <param name="start">The least name; null for no limit.</param>
    /// <param name="end">Greater than every name; null for no limit.</param>
    /// <param name="atMost">Most objects.</param>
    /// <param name="cancellation">Ends it.</param>
    public async IAsyncEnumerable<GcsObject> ListAsync(string prefix, string fields, string? start = null, string? end = null,
        int atMost = int.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? token = null;
        do
        {
            var options = new ListObjectsOptions { Fields = fields, StartOffset = start, EndOffset = end,
                PageSize = Math.Min(atMost, PageSize), PageToken = token };
            var page = await PageAsync(prefix, options, cancellation).ConfigureAwait(false);
            foreach (var item in page?.Items ?? [])
            {
                yield return item;
                if (--atMost == 0) yield break;
            }
            token = page?.NextPageToken;
        }
        while (!string.IsNullOrEmpty(token));
    }

    /// <summary>The folders right below a prefix, each with its trailing slash.</summary>
    public async Task<List<string>> FoldersAsync(string prefix, CancellationToken cancellation, string? start = null, string? end = null)
    {
        var folders = new List<string>();
        string? token = null;
        do
        {
            var options = new ListObjectsOptions { Delimiter = "/", Fields = "prefixes,nextPageToken", StartOffset = start, EndOffset = end,
                PageSize = PageSize, PageToken = token };
            var page = await PageAsync(prefix, options, cancellation).ConfigureAwait(false);
            folders.AddRange(page?.Prefixes ?? []);
            token = page?.NextPageToken;
        }
        while (!string.IsNullOrEmpty(token));
        return folders;
    }

    /// <summary>An object's resource; null where there is none.</summary>
    public Task<GcsObject?> GetAsync(string objectName, CancellationToken cancellation) =>
        NullWhereAbsent(token => storage.GetObjectAsync(name, objectName, null, token), null, cancellation);

    /// <summary>Changes what is said of one generation of an object.</summary>
    /// <returns>False where it is gone.</returns>
    public async Task<bool> PatchAsync(GcsObject change, long generation, CancellationToken cancellation)
    {
        change.Bucket = name;
        return await NullWhereAbsent(token => storage.PatchObjectAsync(change, new() { Generation = generation }, token), null,
            cancellation).ConfigureAwait(false) is not null;
    }

    /// <summary>Copies an object, or a range of it.</summary>
    /// <returns>False where it is gone.</returns>
    public async Task<bool> DownloadAsync(string objectName, long? generation, Stream destination, RangeHeaderValue? range,
        CancellationToken cancellation)
    {
        // The downloader's buffer is as large as its chunks. The bucket's checksum shows what was lost on the way; it is that of the whole
        // object, and would refuse every part.
        var validation = range is null ? DownloadValidationMode.Always : DownloadValidationMode.Never;
        var options = new DownloadObjectOptions
        {
            Generation = generation,
            Range = range,
            ChunkSize = 256 * 1024,
            DownloadValidationMode = validation,
        };
        return await NullWhereAbsent(token => storage.DownloadObjectAsync(name, objectName, destination, options, token),
            Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false) is not null;
    }

    /// <summary>Copies an object whose bytes are held against what was signed: the bucket's own checksum proves nothing then.</summary>
    /// <returns>False where it is gone.</returns>
    public async Task<bool> DownloadSignedAsync(string objectName, long? generation, Stream destination, CancellationToken cancellation)
    {
        var options = new DownloadObjectOptions { Generation = generation, ChunkSize = 256 * 1024,
            DownloadValidationMode = DownloadValidationMode.Never };
        return await NullWhereAbsent(token => storage.DownloadObjectAsync(name, objectName, destination, options, token),
            Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false) is not null;
    }

    private async Task<Google.Apis.Storage.v1.Data.Objects?> PageAsync(string prefix, ListObjectsOptions options,
        CancellationToken cancellation) => await CallAsync(async token =>
    {
        await foreach (var page in storage.ListObjectsAsync(name, prefix, options).AsRawResponses().WithCancellation(token)
            .ConfigureAwait(false))
            return page;
        return null;
    }, Patience, cancellation).ConfigureAwait(false);

    private Task<GcsObject?> NullWhereAbsent(Func<CancellationToken, Task<GcsObject>> call, TimeSpan? patience,
        CancellationToken cancellation) => CallAsync(async token =>
    {
        try
        {
            return await call(token).ConfigureAwait(false);
        }
        catch (GoogleApiException absent) when (absent.HttpStatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }, patience ?? Patience, cancellation);

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var answer = await call(either.Token).ConfigureAwait(false);
            Interlocked.Exchange(ref _awayUntilTicks, 0);
            return answer;
        }
        catch (GoogleApiException unreadable) when (unreadable.HttpStatusCode is 0 or HttpStatusCode.OK)
        {
            throw new ArchiveAwayException($"the bucket '{name}' gives an answer that cannot be read", unreadable);
        }
        catch (GoogleApiException refused)
        {
            if (refused.HttpStatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests) NoteAway();
            throw new ArchiveAwayException(
                $"the bucket '{name}' answers {(int)refused.HttpStatusCode}: {refused.Error?.Message ?? refused.HttpStatusCode.ToString()}",
                refused);
        }
        catch (Exception away) when (away is HttpRequestException or TokenResponseException or IOException or InvalidDataException
            || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            NoteAway();
            throw new ArchiveAwayException($"the bucket '{name}' does not answer: {away.Message}", away);
        }
    }
}
