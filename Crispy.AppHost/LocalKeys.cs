using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Crispy.Contracts;

namespace Crispy.AppHost;

/// <summary>Keys of a run on this machine, made at the first start and kept in the data folder, readable by their owner alone.
/// In the cloud keys come as parameters instead.</summary>
public static class LocalKeys
{
    /// <summary>The key that signs manifests: a P-256 private key in PEM.</summary>
    public static string SigningKey(string folder) => ReadOrMake(Path.Combine(folder, "signing.pem"), Contracts.SigningKey.NewPrivatePem);

    /// <summary>The console's own key, that signs reports: a P-256 private key in PEM.</summary>
    public static string ReportKey(string folder) => ReadOrMake(Path.Combine(folder, "report.pem"), Contracts.SigningKey.NewPrivatePem);

    /// <summary>Path of a service account's key file, with which the emulator's signed URLs are signed;
    /// the account exists nowhere else.</summary>
    public static string ServiceAccountFile(string folder)
    {
        var path = Path.Combine(folder, "service-account.json");
        ReadOrMake(path, NewServiceAccount);
        return path;
    }

    /// <summary>The password of a server in a container: letters and digits.
    /// Its volume remembers the first one that it was given.</summary>
    public static string Password(string folder, string server) =>
        ReadOrMake(Path.Combine(folder, $"{server}.password"), () => RandomNumberGenerator.GetHexString(32));

    private static string NewServiceAccount()
    {
        using var key = RSA.Create(2048);
        return new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = "crispy-local",
            ["private_key_id"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = "crispy@crispy-local.iam.gserviceaccount.com",
            ["client_id"] = "0",
            ["token_uri"] = "https://oauth2.googleapis.com/token",
        }.ToJsonString();
    }

    private static string ReadOrMake(string path, Func<string> make)
    {
        if (File.Exists(path)) return File.ReadAllText(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = make();
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(beside, options)) writer.Write(text);
        File.Move(beside, path, overwrite: true);
        return text;
    }
}
