using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;

namespace Crispy.Archive.Chunks;

/// <summary>Signs URLs (V4) that download one object for a time; where an emulator stands in for the bucket, they lead to it.</summary>
internal sealed class SignedUrls(ArchiveOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private UrlSigner? _signer;

    /// <param name="objectName">The object.</param>
    /// <param name="asFile">Whether a browser is to save it and never to show it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveAwayException">There is no credential that can sign, or IAM does not sign.</exception>
    public async Task<SignedUrl> SignAsync(string objectName, bool asFile, CancellationToken cancellation)
    {
        var request = UrlSigner.RequestTemplate.FromBucket(options.Bucket).WithObjectName(objectName).WithHttpMethod(HttpMethod.Get);
        if (asFile) request = request.WithQueryParameters([new("response-content-disposition", [Attachment(objectName)])]);
        var how = UrlSigner.Options.FromDuration(options.UrlLifetime).WithSigningVersion(SigningVersion.V4);
        if (options.Emulator is { } emulator)
            how = how.WithScheme(emulator.Scheme).WithHost(emulator.Host).WithPort(emulator.IsDefaultPort ? null : emulator.Port);
        try
        {
            // Told before signing, to the second below, so that it never promises more than the URL holds.
            var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + options.UrlLifetime).ToUnixTimeSeconds());
            return new(await Signer().SignAsync(request, how, cancellation).ConfigureAwait(false), expires);
        }
        catch (Exception unable)
            when (unable is InvalidOperationException or HttpRequestException or Google.GoogleApiException
                or IOException or ArgumentException)
        {
            throw new ArchiveAwayException($"no URL can be signed: {unable.GetBaseException().Message}", unable);
        }
    }

    // The stream and the object's own name: gate-20261122T170844123Z-00000042.mkv.
    private static string Attachment(string objectName)
    {
        var parts = objectName.Split('/');
        return $"attachment; filename=\"{parts[0]}-{parts[^1]}\"";
    }

    private UrlSigner Signer()
    {
        lock (_lock) return _signer ??= UrlSigner.FromCredential(Credential());
    }

    private GoogleCredential Credential() => options.Credential ?? GoogleCredential.GetApplicationDefault();
}
