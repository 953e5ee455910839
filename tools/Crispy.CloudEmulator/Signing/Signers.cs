using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Signing;

/// <summary>
/// The accounts whose signatures are known, each from a JSON file with <c>client_email</c> and <c>public_key</c> or <c>private_key</c>
/// (PEM). Of a private key only the public half is kept. A file may come, or change, after the start: it is looked at again when a
/// signature does not verify.
/// </summary>
internal sealed class Signers(EmulatorOptions options, ILogger<Signers> log) : IDisposable
{
    private readonly ConcurrentDictionary<string, RSA> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTime> _read = new(StringComparer.Ordinal);

    /// <summary>At start: what is there must be right.</summary>
    /// <exception cref="OptionException">A file is not what it should be.</exception>
    public void Load()
    {
        foreach (var file in options.Signers)
        {
            if (!File.Exists(file)) Log.SignerMissing(log, file);
            else if (TryRead(file) is { } wrong) throw new OptionException($"--signer '{file}' (Emulator:Signers) cannot be used: {wrong}");
        }
    }

    /// <summary>True when the account's key made this signature.</summary>
    public bool Verifies(string account, byte[] text, byte[] signature) =>
        VerifiesNow(account, text, signature) || (ReadChanged() && VerifiesNow(account, text, signature));

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    private bool VerifiesNow(string account, byte[] text, byte[] signature) =>
        _keys.TryGetValue(account, out var key) && key.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private bool ReadChanged()
    {
        var any = false;
        foreach (var file in options.Signers)
        {
            if (!File.Exists(file) || (_read.TryGetValue(file, out var at) && at == File.GetLastWriteTimeUtc(file))) continue;
            if (TryRead(file) is { } wrong) Log.SignerUnusable(log, file, wrong);
            else any = true;
        }
        return any;
    }

    /// <summary>Null when the file's key is known now, else what is wrong with it.</summary>
    private string? TryRead(string file)
    {
        try
        {
            var changed = File.GetLastWriteTimeUtc(file);
            var json = JsonBody.Parse(File.ReadAllBytes(file));
            if (JsonBody.Text(json, "client_email") is not { Length: > 0 } account) return "it has no client_email";
            if ((JsonBody.Text(json, "public_key") ?? JsonBody.Text(json, "private_key")) is not { } pem)
                return "it has neither public_key nor private_key";
            _keys[account] = PublicHalf(pem);
            _read[file] = changed;
            Log.SignerKnown(log, account);
            return null;
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or StorageException or CryptographicException
                or ArgumentException or JsonException)
        {
            // Nothing of the key may be shown: the exceptions of these calls do not hold it.
            return error.Message;
        }
    }

    private static RSA PublicHalf(string pem)
    {
        using var any = RSA.Create();
        any.ImportFromPem(pem);
        return RSA.Create(any.ExportParameters(includePrivateParameters: false));
    }
}
