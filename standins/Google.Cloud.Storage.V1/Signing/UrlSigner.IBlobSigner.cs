namespace Google.Cloud.Storage.V1;

public sealed partial class UrlSigner
{
    /// <summary>Signs bytes on behalf of an account.</summary>
    public interface IBlobSigner
    {
        /// <summary>The account, mostly an e-mail address.</summary>
        string Id { get; }

        /// <summary>The algorithm's name in the URL, such as <c>GOOG4-RSA-SHA256</c>.</summary>
        string Algorithm { get; }

        /// <summary>Signs.</summary>
        /// <returns>The signature in base64.</returns>
        string CreateSignature(byte[] data, BlobSignerParameters parameters);

        /// <summary>Signs.</summary>
        /// <returns>The signature in base64.</returns>
        Task<string> CreateSignatureAsync(byte[] data, BlobSignerParameters parameters, CancellationToken cancellationToken);
    }

    /// <summary>What signers that derive their key need.</summary>
    public sealed class BlobSignerParameters
    {
        private BlobSignerParameters(DateTimeOffset timestamp) => SignatureTimestamp = timestamp;

        /// <summary>Region of the credential scope.</summary>
        public string Region { get; } = "auto";

        /// <summary>Service of the credential scope.</summary>
        public string Service { get; } = "storage";

        /// <summary>Request type of the credential scope.</summary>
        public string RequestType { get; } = "goog4_request";

        /// <summary>When the URL is signed.</summary>
        public DateTimeOffset SignatureTimestamp { get; }

        /// <summary>Parameters of a signature made at a time.</summary>
        public static BlobSignerParameters ForTimestamp(DateTimeOffset requestDateTime) => new(requestDateTime);
    }
}
