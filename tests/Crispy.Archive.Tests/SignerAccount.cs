using System.Security.Cryptography;
using System.Text.Json;

namespace Crispy.Archive.Tests;

/// <summary>A service account that exists only in this run.</summary>
internal static class SignerAccount
{
    private static readonly TempFolder Folder = new();

    public static string Json { get; } = Make();

    /// <summary>The same in a file, for the emulator.</summary>
    public static string File { get; } = Write();

    private static string Write()
    {
        var file = Folder["service-account.json"];
        System.IO.File.WriteAllText(file, Json);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Folder.Dispose();
        return file;
    }

    private static string Make()
    {
        using var key = RSA.Create(2048);
        return JsonSerializer.Serialize(new
        {
            type = "service_account", project_id = "crispy-tests", private_key_id = "1", private_key = key.ExportPkcs8PrivateKeyPem(),
            client_email = "signer@crispy-tests.iam.gserviceaccount.com", client_id = "1",
            token_uri = "https://oauth2.googleapis.com/token",
        });
    }
}
