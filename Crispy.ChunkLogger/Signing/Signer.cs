using Crispy.ChunkLogger.Calling;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Who signs: a service account's own key where there is one,
/// otherwise IAM for the account of the setting or of the machine.</summary>
internal sealed class Signer(GoogleCredential credential, ChunkLoggerOptions settings, GoogleApi api)
{
    private UrlSigner? _signer;

    /// <summary>The signer. Asks the metadata server for the machine's account, once it answers.</summary>
    /// <exception cref="RefusedCallException">The metadata server does not tell the account.</exception>
    public async ValueTask<UrlSigner> GetAsync(CancellationToken cancellationToken) =>
        _signer ??= await MakeAsync(cancellationToken);

    /// <summary>Says at start what would never work.</summary>
    /// <exception cref="OptionsValidationException">This kind of credential cannot sign, and no account is set.</exception>
    public static void Require(GoogleCredential credential, ChunkLoggerOptions settings)
    {
        if (settings.SigningAccount is not null
            || credential.UnderlyingCredential is ServiceAccountCredential or ComputeCredential or ImpersonatedCredential)
            return;
        throw SettingsReader.Refusal<ChunkLoggerOptions>(
            $"{ChunkLoggerOptions.Section}:{nameof(ChunkLoggerOptions.SigningAccount)} is needed: a "
                + $"{credential.UnderlyingCredential.GetType().Name} cannot sign URLs itself. "
                + "Name a service account on which it has roles/iam.serviceAccountTokenCreator");
    }

    private async Task<UrlSigner> MakeAsync(CancellationToken cancellationToken)
    {
        if (settings.SigningAccount is { } account) return ByIam(account);
        return credential.UnderlyingCredential switch
        {
            ServiceAccountCredential key => UrlSigner.FromCredential(key),
            ImpersonatedCredential impersonated => UrlSigner.FromCredential(impersonated),
            _ => ByIam(await MachineAccountAsync(cancellationToken)),
        };
    }

    private UrlSigner ByIam(string account) => UrlSigner.FromBlobSigner(new IamSigner(api, settings.IamEndpoint, account));

    private static async Task<string> MachineAccountAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A new one each time: it keeps a failure for ever.
            return await new ComputeCredential().GetDefaultServiceAccountEmailAsync(cancellationToken);
        }
        catch (HttpRequestException unanswered)
        {
            throw new RefusedCallException($"asking the metadata server for the machine's account: {unanswered.Message}",
                unanswered.StatusCode, unanswered);
        }
    }
}
