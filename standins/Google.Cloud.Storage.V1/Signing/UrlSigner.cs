using Google.Apis.Auth.OAuth2;

namespace Google.Cloud.Storage.V1;

/// <summary>Signs URLs that open one object (or bucket) for a time to whoever holds them. Safe for concurrent use.</summary>
public sealed partial class UrlSigner
{
    private readonly Lazy<Task<IBlobSigner>> _signer;
    private readonly TimeProvider _time;

    private UrlSigner(Func<Task<IBlobSigner>> signer, TimeProvider time)
    {
        _signer = new(signer);
        _time = time;
    }

    /// <summary>Signs locally with the account's private key.</summary>
    public static UrlSigner FromCredential(ServiceAccountCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return FromBlobSigner(new CredentialBlobSigner(credential, credential.Id));
    }

    /// <summary>Signs as the impersonated account, by a request to IAM for each URL.</summary>
    public static UrlSigner FromCredential(ImpersonatedCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return FromBlobSigner(new CredentialBlobSigner(credential, credential.TargetPrincipal));
    }

    /// <summary>Signs as the machine's service account, by a request to IAM for each URL.</summary>
    public static UrlSigner FromCredential(ComputeCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return new(async () => new CredentialBlobSigner(credential, await credential.GetDefaultServiceAccountEmailAsync().ConfigureAwait(false)), TimeProvider.System);
    }

    /// <summary>Signs as the credential's kind allows.</summary>
    /// <exception cref="InvalidOperationException">Its kind cannot sign.</exception>
    public static UrlSigner FromCredential(GoogleCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return credential.UnderlyingCredential switch
        {
            ServiceAccountCredential account => FromCredential(account),
            ImpersonatedCredential impersonated => FromCredential(impersonated),
            ComputeCredential compute => FromCredential(compute),
            var other => throw new InvalidOperationException($"The credential type {other.GetType()} is not supported for signing."),
        };
    }

    /// <summary>Signs with something of the caller's own.</summary>
    public static UrlSigner FromBlobSigner(IBlobSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return new(() => Task.FromResult(signer), TimeProvider.System);
    }

    /// <summary>Signs one URL.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would expire at once, or after more than 7 days.</exception>
    public async Task<string> SignAsync(RequestTemplate requestTemplate, Options options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requestTemplate);
        ArgumentNullException.ThrowIfNull(options);
        var signer = await _signer.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var url = new V4Url(requestTemplate, options, signer.Id, signer.Algorithm, now);
        var signature = await signer.CreateSignatureAsync(url.BytesToSign, BlobSignerParameters.ForTimestamp(now), cancellationToken).ConfigureAwait(false);
        return url.WithSignature(Convert.FromBase64String(signature));
    }

    /// <summary>The same signer by another clock, so that the published vectors can be reproduced.</summary>
    internal UrlSigner WithTime(TimeProvider time) => new(() => _signer.Value, time);

    private sealed class CredentialBlobSigner(Google.Apis.Auth.OAuth2.IBlobSigner credential, string id) : IBlobSigner
    {
        public string Id => id;

        public string Algorithm => "GOOG4-RSA-SHA256";

        public string CreateSignature(byte[] data, BlobSignerParameters parameters) => credential.SignBlobAsync(data).GetAwaiter().GetResult();

        public Task<string> CreateSignatureAsync(byte[] data, BlobSignerParameters parameters, CancellationToken cancellationToken) =>
            credential.SignBlobAsync(data, cancellationToken);
    }
}
