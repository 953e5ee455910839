using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;

namespace Crispy.Archive;

/// <summary>How a process reaches the bucket. The upload-worker and chunk-logger are built with this file too.</summary>
internal static class BucketAccess
{
    /// <summary>Reads <c>Crispy:Credentials</c>, the JSON of a service account's key; a mistake never repeats it.</summary>
    /// <returns>Null where there is none: then application default credentials count.</returns>
    public static GoogleCredential? Credential(SettingsReader settings)
    {
        if (settings.Section("Crispy").Text("Credentials") is not { } json) return null;
        try
        {
            return CredentialFactory.FromJson<ServiceAccountCredential>(json).ToGoogleCredential();
        }
        catch (Exception malformed)
            when (malformed is InvalidOperationException or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            settings.Mistakes.Add("Crispy:Credentials is not the JSON of a service account's key");
            return null;
        }
    }

    /// <summary>What makes the bucket's client.</summary>
    /// <param name="emulator">The emulator's JSON API; null for the real service.</param>
    /// <param name="credential">Who asks the real service; null for application default credentials.</param>
    public static StorageClientBuilder Client(Uri? emulator, GoogleCredential? credential) => emulator is null
        ? new() { GoogleCredential = credential }
        : new() { BaseUri = emulator.AbsoluteUri, UnauthenticatedAccess = true };
}
