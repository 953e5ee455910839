using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Crispy.Archive;
using Google;
using Google.Api.Gax;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Cloud.Storage.V1;

namespace Crispy.Cli.Sources;

/// <summary>A bucket of Cloud Storage, or of the emulator that <c>STORAGE_EMULATOR_HOST</c> names.
/// Credentials are application default credentials.</summary>
internal sealed class BucketSource(string place) : Source
{
    private readonly string _bucket = place["gs://".Length..].Split('/', 2)[0];
    private readonly string? _prefix = place["gs://".Length..].Split('/', 2) is [_, { Length: > 0 } prefix] ? prefix : null;

    private StorageClient? _storage;

    public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var storage = _storage ??= await OpenAsync(cancellation);
        await using var objects = storage.ListObjectsAsync(_bucket, _prefix).GetAsyncEnumerator(cancellation);
        while (await Readable(() => objects.MoveNextAsync().AsTask()))
        {
            if (objects.Current is not { Name: { } name } found
                || Item.OfObject($"gs://{_bucket}/{name}", name, found.Metadata) is not { } item)
                continue;
            yield return item with
            {
                Size = (long?)found.Size,
                Crc32c = found.Crc32c,
                IsHeld = found.TemporaryHold == true || found.EventBasedHold == true,
                // The generation that was listed: what is replaced meanwhile is another object. What its bytes must be is signed; the
                // bucket's own checksum proves nothing.
                CopyToAsync = (destination, token) => Readable(async () =>
                    await storage.DownloadObjectAsync(_bucket, name, destination,
                        new() { Generation = found.Generation, DownloadValidationMode = DownloadValidationMode.Never }, token)),
            };
        }
    }

    // Who may read objects often may not read the bucket itself: then its rules are not known.
    public override async Task<JsonArray?> RulesAsync(CancellationToken cancellation)
    {
        try
        {
            return (await new BucketLifecycle(_storage ??= await OpenAsync(cancellation), _bucket).ReadAsync(cancellation)).Rules;
        }
        catch (Exception unknown) when (
            unknown is HttpRequestException or TokenResponseException or OperationCanceledException { InnerException: TimeoutException })
        {
            return null;
        }
    }

    public override void Dispose()
    {
        _storage?.Dispose();
        base.Dispose();
    }

    private async Task<StorageClient> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return await new StorageClientBuilder { EmulatorDetection = EmulatorDetection.EmulatorOrProduction }.BuildAsync(cancellation);
        }
        catch (InvalidOperationException missing)
        {
            throw new SourceException($"{place}: {missing.Message}", missing);
        }
    }

    private async Task<T> Readable<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (GoogleApiException refused)
        {
            throw new SourceException($"{place}: {Told(refused)}", refused);
        }
        catch (Exception away) when (away is HttpRequestException or TokenResponseException or IOException or InvalidDataException
            or OperationCanceledException { InnerException: TimeoutException })
        {
            throw new SourceException($"{place}: {away.Message}", away);
        }
    }

    // Of a download the bucket tells its reason as plain text, which the client does not read.
    private static string Told(GoogleApiException refused) => refused switch
    {
        { HttpStatusCode: 0 or HttpStatusCode.OK } => "an answer that cannot be read",
        { Error.Message: { Length: > 0 } message } => $"{(int)refused.HttpStatusCode} {message}",
        _ => $"{(int)refused.HttpStatusCode} {refused.HttpStatusCode}",
    };
}
