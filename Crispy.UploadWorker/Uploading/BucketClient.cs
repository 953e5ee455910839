using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Spool;
using Google.Apis.Http;
using Google.Apis.Services;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Uploading;

/// <summary>
/// The bucket, one request an operation, through the Google client's authenticated HTTP client. Nothing is retried here: the
/// client's own retries are switched off, and a failure is an exception for the one who retries.
/// </summary>
internal sealed class BucketClient(StorageClientBuilder builder, IOptions<BucketOptions> bucket, IOptions<UploadOptions> upload,
    TimeProvider time) : IDisposable
{
    private const int LongestMessage = 500;
    private const int LargestAnswer = 1 << 20;

    private readonly SemaphoreSlim _building = new(1);
    private volatile StorageClient? _client;

    /// <summary>The bucket's name.</summary>
    public string Name => bucket.Value.Bucket;

    /// <summary>Creates the object unless there is one of that name, no matter what bytes that has.</summary>
    /// <returns>Null where there is one.</returns>
    /// <exception cref="BucketException">Any other failure that the bucket answers.</exception>
    /// <exception cref="ChunkDeadException">The file is not the one the manifest describes; nothing was stored.</exception>
    public Task<StoredObject?> TryCreateAsync(ChunkManifest manifest, IReadOnlyDictionary<string, string> metadata, FileStream file,
        CancellationToken cancellation) =>
        TryCreateAsync(new NewObject(manifest.Object, ChunkContainer.ContentType(manifest.Container), manifest.Crc32c, manifest.Sha256,
            manifest.From), metadata, file, cancellation);

    /// <inheritdoc cref="TryCreateAsync(ChunkManifest, IReadOnlyDictionary{string, string}, FileStream, CancellationToken)"/>
    public async Task<StoredObject?> TryCreateAsync(NewObject created, IReadOnlyDictionary<string, string> metadata, FileStream file,
        CancellationToken cancellation)
    {
        using var content = new ChunkContent(ObjectJson(created, metadata), created.ContentType, file, created.Sha256);
        var query = $"/upload/storage/v1/b/{Uri.EscapeDataString(Name)}/o?uploadType=multipart&ifGenerationMatch=0"
            + $"&fields={StoredObject.Fields}";
        try
        {
            using var response = await SendAsync(HttpMethod.Post, query, content, cancellation);
            if (response.IsSuccessStatusCode) return await ReadAsync(response, cancellation);
            var refused = await FailureAsync(response, cancellation);
            return refused.IsNameTaken ? null : throw refused;
        }
        catch (Exception) when (content.Damage is { } damage)
        {
            throw new ChunkDeadException(DeadReason.Damaged, damage);
        }
    }

    /// <summary>Describes an object.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="BucketException">Any other failure that the bucket answers.</exception>
    public async Task<StoredObject?> FindAsync(string name, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, $"{ObjectPath(name)}?fields={StoredObject.Fields}", null, cancellation);
        if (response.StatusCode != HttpStatusCode.NotFound) return await ReadAsync(response, cancellation);
        // A bucket that is missing answers 404 too, and that is no answer about the object.
        using var bucketItself =
            await SendAsync(HttpMethod.Get, $"/storage/v1/b/{Uri.EscapeDataString(Name)}?fields=name", null, cancellation);
        return bucketItself.StatusCode is HttpStatusCode.OK or HttpStatusCode.Forbidden
            ? null // forbidden: the right to read the bucket itself is often not given
            : throw await FailureAsync(bucketItself, cancellation);
    }

    /// <summary>Asks for the bucket itself: it is there, and answers. The right to read it is not needed.</summary>
    /// <exception cref="BucketException">It fails, does not know who asks, or does not exist.</exception>
    public async Task ReachAsync(CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, $"/storage/v1/b/{Uri.EscapeDataString(Name)}?fields=name", null, cancellation);
        if (!response.IsSuccessStatusCode && response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
            throw await FailureAsync(response, cancellation);
    }

    /// <summary>Asks whether the bucket takes an object of this name, without storing one. It begins a resumable upload, which needs the
    /// same right as an upload, and cancels it.</summary>
    /// <exception cref="BucketException">It does not.</exception>
    public async Task ProbeAsync(string name, CancellationToken cancellation)
    {
        using var nothing = new ByteArrayContent([]);
        var query = $"/upload/storage/v1/b/{Uri.EscapeDataString(Name)}/o?uploadType=resumable&ifGenerationMatch=0"
            + $"&name={Uri.EscapeDataString(name)}";
        using var response = await SendAsync(HttpMethod.Post, query, nothing, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            var refused = await FailureAsync(response, cancellation);
            if (refused.IsNameTaken) return;
            throw refused;
        }
        // One that is not cancelled is forgotten by the bucket after a week. Its answer, 499, says nothing that matters.
        if (response.Headers.Location is { IsAbsoluteUri: true } session
            && session.Authority == response.RequestMessage?.RequestUri?.Authority)
            using (await SendAsync(HttpMethod.Delete, session.PathAndQuery, null, cancellation)) { }
    }

    /// <summary>Deletes one generation of an object, if it is still there.</summary>
    public async Task DeleteAsync(string name, long generation, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Delete, $"{ObjectPath(name)}?generation={generation}", null, cancellation);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotFound)
            throw await FailureAsync(response, cancellation);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client?.Dispose();
        _building.Dispose();
    }

    private string ObjectPath(string name) => $"/storage/v1/b/{Uri.EscapeDataString(Name)}/o/{Uri.EscapeDataString(name)}";

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content,
        CancellationToken cancellation)
    {
        var service = (await ClientAsync(cancellation)).Service;
        using var request = new HttpRequestMessage(method, new Uri(new Uri(service.BaseUri), pathAndQuery)) { Content = content };
        request.Headers.ExpectContinue = false;
        using var timeout = new CancellationTokenSource(upload.Value.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await service.HttpClient.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the bucket did not answer within {upload.Value.RequestTimeout}");
        }
        finally
        {
            request.Content = null; // it belongs to the caller
        }
    }

    private async Task<StorageClient> ClientAsync(CancellationToken cancellation)
    {
        if (_client is { } ready) return ready;
        await _building.WaitAsync(cancellation);
        try
        {
            return _client ??= WithoutRetries(await builder.BuildAsync(cancellation));
        }
        catch (InvalidOperationException missing)
        {
            throw new CredentialException($"no credentials for Cloud Storage: {missing.Message}", missing);
        }
        finally
        {
            _building.Release();
        }
    }

    private static StorageClient WithoutRetries(StorageClient client)
    {
        BaseClientService service = client.Service;
        service.HttpClient.MessageHandler.NumTries = 1;
        service.HttpClient.MessageHandler.FollowRedirect = false; // an upload is never sent elsewhere; who redirects is no bucket
        service.HttpClient.Timeout = Timeout.InfiniteTimeSpan; // each request has its own
        service.HttpClient.MaxResponseContentBufferSize = LargestAnswer;
        return client;
    }

    private static byte[] ObjectJson(NewObject created, IReadOnlyDictionary<string, string> metadata) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["name"] = created.Name,
        ["contentType"] = created.ContentType,
        ["crc32c"] = created.Crc32c,
        ["customTime"] = Instants.Format(created.CustomTime),
        ["metadata"] = metadata,
    });

    private async Task<StoredObject> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) => response.IsSuccessStatusCode
        ? StoredObject.Read(await response.Content.ReadAsByteArrayAsync(cancellation))
        : throw await FailureAsync(response, cancellation);

    private async Task<BucketException> FailureAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var (message, reason) = Explain(text);
        // On a 401 the credential has asked for another token before the answer came here; without a credential nothing has changed.
        var tokenRenewed = response.StatusCode == HttpStatusCode.Unauthorized
            && _client?.Service.HttpClient.MessageHandler.Credential is IHttpUnsuccessfulResponseHandler;
        return new(response.StatusCode, message ?? response.ReasonPhrase ?? "",
            RetryAfter(response.Headers.RetryAfter), reason, tokenRenewed);
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : null);

    /// <summary>Message and reason of an error, as in <c>{"error":{"code":403,"message":"No
    /// access","errors":[{"reason":"forbidden"}]}}</c>; of anything else the beginning of the text.</summary>
    private static (string? Message, string? Reason) Explain(string body)
    {
        string? reason = null;
        try
        {
            var error = JsonSerializer.Deserialize<ErrorAnswer>(body, JsonSerializerOptions.Web)?.Error;
            (body, reason) = (error?.Message ?? body, error?.Errors is [{ } first, ..] ? first.Reason : null);
        }
        catch (JsonException)
        {
            // A proxy's page or plain text: its beginning says enough.
        }
        return (string.IsNullOrWhiteSpace(body) ? null : body.Length > LongestMessage ? body[..LongestMessage] : body, reason);
    }

    private sealed record ErrorAnswer(ErrorBody? Error);

    private sealed record ErrorBody(string? Message, IReadOnlyList<ErrorDetail?>? Errors);

    private sealed record ErrorDetail(string? Reason);
}
