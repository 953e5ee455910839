using System.Text;
using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.Console.Auditing;

/// <summary>The key that signs the audit log: that of reports, where there is one. Else the console makes one at its first start, and keeps
/// it beside the log.</summary>
internal static class AuditKey
{
    /// <summary>Its file in the log's folder, mode 0600.</summary>
    public const string FileName = "audit.pem";

    /// <summary>A signer.</summary>
    /// <exception cref="FormatException">The file holds no P-256 private key, or others can read it.</exception>
    /// <exception cref="IOException">It cannot be read, or made.</exception>
    public static ManifestSigner Open(AuditSettings settings)
    {
        if (settings.PrivatePem is { } given) return AuditLine.Signer(given);
        if (settings.Folder is not { } folder) return AuditLine.Signer(SigningKey.NewPrivatePem());
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            DurableFile.Write(path, Encoding.ASCII.GetBytes(SigningKey.NewPrivatePem()), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            DurableFile.SyncFolder(folder);
        }
        return AuditLine.Signer(SecretFile.Read(path));
    }
}
