using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Crispy.ChunkLogger.Signing;

/// <summary>Finds the credential that signs: the JSON of a service account's key in <c>Crispy:Credentials</c>, else application default
/// credentials. These are such a key in the file named by <c>GOOGLE_APPLICATION_CREDENTIALS</c>, or the account of the machine. A key signs
/// here, the account of the machine by a request to IAM.</summary>
internal static class Credentials
{
    private const string Key = "Crispy:Credentials";

    /// <exception cref="OptionsValidationException">There is none, or what <c>Crispy:Credentials</c> holds is no key;
    /// the message never repeats it.</exception>
    public static GoogleCredential Find(IConfiguration configuration)
    {
        if (configuration[Key] is { Length: > 0 } json) return Read(json);
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

    private static GoogleCredential Read(string json)
    {
        try
        {
            return CredentialFactory.FromJson<ServiceAccountCredential>(json).ToGoogleCredential();
        }
        catch (Exception malformed)
            when (malformed is InvalidOperationException or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            throw new OptionsValidationException(Key, typeof(ChunkLoggerOptions), [$"{Key} is not the JSON of a service account's key"]);
        }
    }
}
