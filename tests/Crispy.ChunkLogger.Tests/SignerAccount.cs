using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>A service account that exists only in this run: its key signs the URLs, and the emulator knows it.</summary>
internal static class SignerAccount
{
    public const string Project = "crispy-tests";

    private static readonly TempFolder Folder = new();

    /// <summary>The account's key file; application default credentials find it as well.</summary>
    public static string File { get; } = Folder["service-account.json"];

    [ModuleInitializer]
    internal static void Prepare()
    {
        using var key = RSA.Create(2048);
        System.IO.File.WriteAllText(File, JsonSerializer.Serialize(new
        {
            type = "service_account",
            project_id = Project,
            private_key_id = "1",
            private_key = key.ExportPkcs8PrivateKeyPem(),
            client_email = $"signer@{Project}.iam.gserviceaccount.com",
            client_id = "1",
            token_uri = "https://oauth2.googleapis.com/token",
        }));
        Environment.SetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS", File);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Folder.Dispose();
    }
}
