using System.Net;
using Crispy.Archive;
using Crispy.Cli.Api;
using Crispy.Contracts;
using Google;
using Google.Api.Gax;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Cloud.Storage.V1;

namespace Crispy.Cli.Retaining;

/// <summary>A bucket whose rules are looked at and set. Credentials are application default credentials, or the access token in
/// <c>CLOUDSDK_AUTH_ACCESS_TOKEN</c>
/// (<c>gcloud auth print-access-token</c>); <c>STORAGE_EMULATOR_HOST</c> names an emulator instead.</summary>
internal sealed class RuledBucket : IDisposable
{
    private const string TokenVariable = "CLOUDSDK_AUTH_ACCESS_TOKEN";

    private readonly StorageClient _storage;
    private readonly BucketLifecycle _lifecycle;

    private RuledBucket(StorageClient storage, string name) => (_storage, Name, _lifecycle) = (storage, name, new(storage, name));

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="UnableException">There are no credentials.</exception>
    public static async Task<RuledBucket> OpenAsync(string place, CancellationToken cancellation)
    {
        var name = place.StartsWith("gs://", StringComparison.Ordinal) ? place["gs://".Length..].TrimEnd('/') : place;
        try
        {
            var builder = new StorageClientBuilder { EmulatorDetection = EmulatorDetection.EmulatorOrProduction };
            if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token) builder.GoogleCredential =
                GoogleCredential.FromAccessToken(token);
            return new(await builder.BuildAsync(cancellation), name);
        }
        catch (InvalidOperationException missing)
        {
            throw new UnableException($"gs://{name}: {missing.Message}", missing);
        }
    }

    /// <summary>Its rules.</summary>
    public Task<StoredRules> ReadAsync(CancellationToken cancellation) =>
        ReachedAsync(() => _lifecycle.ReadAsync(cancellation), cancellation);

    /// <summary>Sets its rules, unless somebody else has changed the bucket meanwhile.</summary>
    public Task WriteAsync(StoredRules before, LifecycleChange change, CancellationToken cancellation) => ReachedAsync(async () =>
    {
        await _lifecycle.WriteAsync(change.Rules, before.Metageneration, cancellation);
        return true;
    }, cancellation);

    /// <summary>The streams that it has anything of.</summary>
    public Task<List<string>> StreamsAsync(CancellationToken cancellation) => ReachedAsync(async () =>
    {
        var streams = new List<string>();
        await foreach (var page in _storage.ListObjectsAsync(Name, "", new() { Delimiter = "/", Fields = "prefixes,nextPageToken" })
            .AsRawResponses().WithCancellation(cancellation))
            streams.AddRange((page.Prefixes ?? []).Select(folder => folder.TrimEnd('/')).Where(StreamId.IsValid));
        return streams;
    }, cancellation);

    /// <inheritdoc />
    public void Dispose() => _storage.Dispose();

    private async Task<T> ReachedAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            throw new CommandException(ExitCode.Findings,
                $"somebody else has changed the bucket '{Name}' meanwhile: look again at what is to change", refused);
        }
        catch (GoogleApiException refused)
        {
            throw new CommandException(ExitCode.Unable,
                $"the bucket '{Name}' answers {(int)refused.HttpStatusCode}: {refused.Error?.Message ?? refused.HttpStatusCode.ToString()}",
                refused);
        }
        catch (Exception away) when (away is HttpRequestException or TokenResponseException
            || (away is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CommandException(ExitCode.Unable, away is HttpRequestException { StatusCode: not null } ? away.Message
                : $"the bucket '{Name}' cannot be reached: {away.Message}", away);
        }
    }
}
