namespace Crispy.Contracts;

/// <summary>A signing key as a configuration gives it: the key itself (environment), or a file that holds it (mode 0600,
/// or a mounted secret).</summary>
public static class PrivateKeySetting
{
    private const string Mask = "***";

    /// <summary>Reads and checks it.</summary>
    /// <param name="pem">The value of the key <paramref name="key"/>; null where there is none.</param>
    /// <param name="file">The value of the key <paramref name="key"/> with <c>File</c> behind it; null where there is none.</param>
    /// <param name="key">The setting's name.</param>
    /// <param name="mistake">Told of each mistake: the setting's name, its value (never a key), and what is wrong.</param>
    /// <returns>The P-256 private key in PEM; null where there is none, or a mistake.</returns>
    public static string? Read(string? pem, string? file, string key, Action<string, string?, string> mistake)
    {
        ArgumentNullException.ThrowIfNull(mistake);
        if (pem is not null && file is not null)
        {
            mistake($"{key}File", file, $"is given together with {key}; give one of them");
            return null;
        }
        try
        {
            var text = file is null ? pem : SecretFile.Read(file);
            if (text is not null) SigningKey.ReadPrivate(text).Dispose();
            return text;
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            // The key's own text is never repeated.
            mistake(file is null ? key : $"{key}File", file ?? Mask, unusable.Message);
            return null;
        }
    }
}
