using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Finds the credential that signs: the JSON of a service account's key in <c>Crispy:Credentials</c>, else application default
/// credentials. These are such a key in the file named by <c>GOOGLE_APPLICATION_CREDENTIALS</c>, or the account of the machine. A key signs
/// here, the account of the machine by a request to IAM.</summary>
internal static class Credentials
{
    /// <exception cref="OptionsValidationException">There is none.</exception>
    public static GoogleCredential Find(ChunkLoggerOptions options)
    {
        if (options.Credential is { } credential) return credential;
        try
        {
            return GoogleCredential.GetApplicationDefault();
        }
        catch (Exception failure)
        {
            // The library wraps what it finds in an AggregateException.
            var missing = failure.GetBaseException();
            if (missing is not (InvalidOperationException or IOException or Newtonsoft.Json.JsonException)) throw;
            var path = Environment.GetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS");
            throw SettingsReader.Refusal<ChunkLoggerOptions>(
                $"GOOGLE_APPLICATION_CREDENTIALS '{path}' gives no credential to sign URLs with: {missing.Message}");
        }
    }
}
