using System.Text.RegularExpressions;
using Crispy.Contracts;

namespace Microsoft.Extensions.Hosting;

/// <summary>Keys that more than one process reads.</summary>
public static partial class SharedSettings
{
    /// <summary>The name of the bucket, <c>Crispy:Bucket</c>.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="isRequired">Whether it must be there.</param>
    /// <returns>Null where it is missing, or cannot be one.</returns>
    public static string? Bucket(this SettingsReader settings, bool isRequired = true)
    {
        ArgumentNullException.ThrowIfNull(settings);
        const string rule =
            "must be a bucket's name, 3 to 222 of a-z, 0-9, '-', '_' and '.', beginning and ending with a letter or digit";
        var keys = settings.Section("Crispy");
        if (isRequired && !keys.Has("Bucket")) keys.Mistake("Bucket", null, rule);
        return keys.Text("Bucket", BucketName().IsMatch, rule);
    }

    /// <summary>The public keys of <c>Crispy:Signing:PublicKeys</c> and of the file <c>...:PublicKeysFile</c>, together.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="isRequired">Whether one of the two must be there.</param>
    /// <returns>PEM or a JSON Web Key Set; empty where there are none.</returns>
    public static string PublicKeys(this SettingsReader settings, bool isRequired = true)
    {
        ArgumentNullException.ThrowIfNull(settings);
        const string path = "Crispy:Signing";
        var section = settings.Section(path);
        var (keys, file) = (section.Text("PublicKeys"), section.Text("PublicKeysFile"));
        if (isRequired && (keys ?? file) is null)
            settings.Mistakes.Add($"{path}:PublicKeys or {path}:PublicKeysFile is needed: "
                + "without a public key no signature can be verified");
        var more = "";
        try
        {
            if (keys is not null) SigningKey.RequirePublic(keys);
        }
        catch (FormatException wrong)
        {
            settings.Mistakes.Add($"{path}:PublicKeys: {wrong.Message}");
        }
        try
        {
            if (file is not null) SigningKey.RequirePublic(more = File.ReadAllText(file));
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            section.Mistake("PublicKeysFile", file, unusable.Message);
        }
        return $"{keys}\n{more}".Trim();
    }

    /// <summary>The JSON API of the emulator that <c>STORAGE_EMULATOR_HOST</c> names, such as
    /// <c>http://127.0.0.1:4443/storage/v1/</c>.</summary>
    /// <returns>Null for the real service.</returns>
    public static Uri? StorageEmulator(this SettingsReader settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Section("").Address("STORAGE_EMULATOR_HOST") switch
        {
            null => null,
            // Other languages' clients take the address without the API's path.
            { AbsolutePath.Length: > 1 } whole => new(whole.AbsoluteUri.TrimEnd('/') + "/"),
            var host => new(host, "/storage/v1/"),
        };
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();
}
