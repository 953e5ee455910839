using Crispy.ChunkLogger.Reading;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Signs URLs (V4) that download one object for a time. Where an emulator stands in for the bucket, they lead to it.</summary>
internal sealed class SignedUrls(Signer signer, ChunkLoggerOptions settings, TimeProvider time)
{
    /// <returns>The URL, and the latest time until which it is good.</returns>
    public async Task<(string Url, DateTimeOffset Expires)> SignAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var request = UrlSigner.RequestTemplate.FromBucket(stored.Bucket).WithObjectName(stored.Name).WithHttpMethod(HttpMethod.Get)
            .WithQueryParameters(ResponseHeaders(stored));
        var options = UrlSigner.Options.FromDuration(settings.UrlLifetime).WithSigningVersion(SigningVersion.V4);
        if (settings.Emulator is { } emulator)
        {
            options = options.WithScheme(emulator.Scheme).WithHost(emulator.Host).WithPort(emulator.IsDefaultPort ? null : emulator.Port);
        }
        var by = await signer.GetAsync(cancellationToken);
        // Told before signing, to the second below, so that it never promises more than the URL holds.
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + settings.UrlLifetime).ToUnixTimeSeconds());
        return (await by.SignAsync(request, options, cancellationToken), expires);
    }

    /// <summary>What the answer to the URL shall say in place of the object's own headers; signed, so that nobody can alter it.</summary>
    private Dictionary<string, IEnumerable<string>> ResponseHeaders(StoredObject stored)
    {
        var headers = new Dictionary<string, IEnumerable<string>>(StringComparer.Ordinal);
        if (settings.UrlContentDisposition is { } disposition)
            headers["response-content-disposition"] =
                [disposition.Replace(ChunkLoggerOptions.NamePlace, FileName(stored.Name), StringComparison.Ordinal)];
        if (settings.UrlContentType is { } type) headers["response-content-type"] = [type];
        return headers;
    }

    // It stands within quotes of a header.
    private static string FileName(string objectName) => string.Concat(objectName[(objectName.LastIndexOf('/') + 1)..]
        .Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '_'));
}
