using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Configuring;

/// <summary>The section <c>Crispy:Signing</c>: the key that signs, and those whose signatures must be believed too.</summary>
/// <param name="PrivatePem">The signing key, by <c>PrivateKey</c> (environment) or <c>PrivateKeyFile</c> (a file of mode 0600,
/// or a mounted secret).</param>
/// <param name="PublicKeys">Earlier and coming keys, PEM or a JSON Web Key Set, by <c>PublicKeys</c> and <c>PublicKeysFile</c>;
/// empty where there are none.</param>
public sealed record SigningKeys(string PrivatePem, string PublicKeys)
{
    internal static SigningKeys Read(SectionReader keys)
    {
        var (pem, file) = (keys.Text("PrivateKey"), keys.Text("PrivateKeyFile"));
        var (more, moreFile) = (keys.Text("PublicKeys"), keys.Text("PublicKeysFile"));
        keys.RefuseUnknownKeys();
        if (pem is null && file is null)
            keys.Mistake("PrivateKey", null, "must be a P-256 private key in PEM, or PrivateKeyFile the file that holds one");
        pem = PrivateKeySetting.Read(pem, file, "PrivateKey", keys.Mistake) ?? "";
        more = more is null ? "" : Checked("PublicKeys", null, () => more, SigningKey.RequirePublic, keys);
        if (moreFile is not null)
            more = $"{more}\n{Checked("PublicKeysFile", moreFile, () => File.ReadAllText(moreFile), SigningKey.RequirePublic, keys)}";
        return new(pem, more);
    }

    /// <summary>The JSON Web Key Set of all of them, the signing key first.</summary>
    /// <exception cref="FormatException">A text holds no key.</exception>
    public byte[] ToKeySet()
    {
        List<ECDsa> keys =
            [SigningKey.ReadPrivate(PrivatePem), .. string.IsNullOrWhiteSpace(PublicKeys) ? [] : SigningKey.ReadPublic(PublicKeys)];
        try
        {
            return JsonWebKeySet.Write(keys);
        }
        finally
        {
            foreach (var key in keys) key.Dispose();
        }
    }

    /// <inheritdoc />
    public override string ToString() => nameof(SigningKeys); // Never a key itself.

    private static string Checked(string key, string? file, Func<string> read, Action<string> require, SectionReader keys)
    {
        try
        {
            var text = read();
            require(text);
            return text;
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            // The key's own text is never repeated.
            keys.Mistake(key, file ?? Redaction.Mask, unusable.Message);
            return "";
        }
    }
}
