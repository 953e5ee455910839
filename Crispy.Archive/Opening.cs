using Google.Cloud.Storage.V1;
using Microsoft.Extensions.Options;

namespace Crispy.Archive;

/// <summary>Opens the bucket's client.</summary>
internal static class Opening
{
    /// <exception cref="OptionsValidationException">There are no credentials.</exception>
    public static StorageClient Client(ArchiveOptions options)
    {
        try
        {
            return BucketAccess.Client(options.Emulator, options.Credential).Build();
        }
        catch (Exception missing)
            when (missing.GetBaseException() is InvalidOperationException or IOException or Newtonsoft.Json.JsonException)
        {
            throw SettingsReader.Refusal<ArchiveOptions>($"no credential to read the bucket with: {missing.GetBaseException().Message}");
        }
    }
}
