using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Finds the credential that signs: application default credentials, that is a service account's key named by
/// <c>GOOGLE_APPLICATION_CREDENTIALS</c> (signs here), or the account of the machine (signs by a request to IAM).</summary>
internal static class Credentials
{
    /// <exception cref="OptionsValidationException">There is none.</exception>
    public static GoogleCredential Find()
    {
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
            throw new OptionsValidationException(ChunkLoggerOptions.Section, typeof(ChunkLoggerOptions),
                [$"GOOGLE_APPLICATION_CREDENTIALS '{path}' gives no credential to sign URLs with: {missing.Message}"]);
        }
    }
}
