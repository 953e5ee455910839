using Crispy.ChunkLogger.Events;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Signs URLs (V4) that download one object for a time. Where an emulator stands in for the bucket, they lead to it.</summary>
internal sealed class SignedUrls(UrlSigner signer, ChunkLoggerOptions settings, TimeProvider time)
{
    /// <returns>The URL, and the latest time until which it is good.</returns>
    public async Task<(string Url, DateTimeOffset Expires)> SignAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var request = UrlSigner.RequestTemplate.FromBucket(stored.Bucket).WithObjectName(stored.Name).WithHttpMethod(HttpMethod.Get);
        var options = UrlSigner.Options.FromDuration(settings.UrlLifetime).WithSigningVersion(SigningVersion.V4);
        if (settings.Emulator is { } emulator)
        {
            options = options.WithScheme(emulator.Scheme).WithHost(emulator.Host).WithPort(emulator.IsDefaultPort ? null : emulator.Port);
        }
        // Told before signing, to the second below, so that it never promises more than the URL holds.
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + settings.UrlLifetime).ToUnixTimeSeconds());
        return (await signer.SignAsync(request, options, cancellationToken).ConfigureAwait(false), expires);
    }
}
