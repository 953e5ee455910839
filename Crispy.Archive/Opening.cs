using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Options;

namespace Crispy.Archive;

/// <summary>Opens the bucket's client.</summary>
internal static class Opening
{
    private const string CredentialsKey = "Crispy:Credentials";

    /// <exception cref="OptionsValidationException">There are no credentials, or they are none; the message never repeats them.</exception>
    public static StorageClient Client(ArchiveOptions options)
    {
        if (options.Emulator is { } emulator)
            return new StorageClientBuilder { BaseUri = emulator.AbsoluteUri, UnauthenticatedAccess = true }.Build();
        try
        {
            return new StorageClientBuilder { GoogleCredential = Credential(options) }.Build();
        }
        catch (Exception missing)
            when (missing.GetBaseException() is InvalidOperationException or IOException or Newtonsoft.Json.JsonException)
        {
            throw new OptionsValidationException(ArchiveOptions.Section, typeof(ArchiveOptions),
                [$"no credential to read the bucket with: {missing.GetBaseException().Message}"]);
        }
    }

    /// <summary>The credential of the settings; null where they name none.</summary>
    public static GoogleCredential? Credential(ArchiveOptions options)
    {
        if (options.Credentials is not { } json) return null;
        try
        {
            return CredentialFactory.FromJson<ServiceAccountCredential>(json).ToGoogleCredential();
        }
        catch (Exception malformed)
            when (malformed is InvalidOperationException or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            throw new OptionsValidationException(CredentialsKey, typeof(ArchiveOptions),
                [$"{CredentialsKey} is not the JSON of a service account's key"]);
        }
    }
}
