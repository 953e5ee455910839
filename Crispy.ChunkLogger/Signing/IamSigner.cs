using System.Text.Json;
using Crispy.ChunkLogger.Calling;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Signs as a service account whose private key nobody here has: IAM Credentials signs with a key that Google keeps
/// (<see href="https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob"/>). The caller needs
/// <c>iam.serviceAccounts.signBlob</c> on the account, which <c>roles/iam.serviceAccountTokenCreator</c> holds.</summary>
internal sealed class IamSigner(GoogleApi api, Uri endpoint, string account) : UrlSigner.IBlobSigner
{
    private readonly Uri _method = new(endpoint, $"/v1/projects/-/serviceAccounts/{Uri.EscapeDataString(account)}:signBlob");

    /// <inheritdoc />
    public string Id => account;

    /// <inheritdoc />
    public string Algorithm => "GOOG4-RSA-SHA256";

    /// <inheritdoc />
    public string CreateSignature(byte[] data, UrlSigner.BlobSignerParameters parameters) =>
        CreateSignatureAsync(data, parameters, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc />
    public async Task<string> CreateSignatureAsync(byte[] data, UrlSigner.BlobSignerParameters parameters,
        CancellationToken cancellationToken)
    {
        var answer = await api.PostAsync(_method, $"signing as {account} by IAM",
            JsonSerializer.SerializeToUtf8Bytes(new { payload = data }), cancellationToken);
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("signedBlob", out var signature)
            && signature.ValueKind == JsonValueKind.String
            ? signature.GetString()!
            : throw new RefusedCallException($"signing as {account} by IAM: the answer holds no signedBlob", null);
    }
}
