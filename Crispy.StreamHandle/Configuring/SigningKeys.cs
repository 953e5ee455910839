using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.StreamHandle.Configuring;

/// <summary>The section <c>Crispy:Signing</c>: the key that signs, and those whose signatures must be believed too.</summary>
/// <param name="PrivatePem">The signing key, by <c>PrivateKey</c> (environment) or <c>PrivateKeyFile</c> (a file of mode 0600,
/// or a mounted secret).</param>
/// <param name="PublicKeys">Earlier and coming keys, PEM or a JSON Web Key Set, by <c>PublicKeys</c> and <c>PublicKeysFile</c>;
/// empty where there are none.</param>
public sealed record SigningKeys(string PrivatePem, string PublicKeys)
{
    internal static SigningKeys Read(SettingsReader settings)
    {
        var keys = settings.Section("Crispy:Signing");
        var pem = keys.PrivateKey("PrivateKey");
        if (!keys.Has("PrivateKey") && !keys.Has("PrivateKeyFile"))
            keys.Mistake("PrivateKey", null, "must be a P-256 private key in PEM, or PrivateKeyFile the file that holds one");
        var more = settings.PublicKeys(isRequired: false);
        keys.RefuseUnknownKeys();
        return new(pem ?? "", more);
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
}
