using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>Hides secrets in texts that people read: logs, the API, error messages, ffmpeg's own lines.</summary>
public static partial class Redaction
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>Replaces the user info of every URL, and query values whose names look like a secret's.</summary>
    public static string Apply(string text) => ApplyToQuery(UserInfo().Replace(text, $"$1{Mask}@"));

    /// <summary>Replaces query values whose names look like a secret's.</summary>
    public static string ApplyToQuery(string text) => SecretQuery().Replace(text, $"$1{Mask}");

    // In the texts of others it is better to hide too much: everything up to the last @, whatever stands unescaped in a password.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*://)\S*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"([?&](?:[^=&\s]*(?:pass|pwd|token|secret|key|auth|sig)[^=&\s]*)=)[^&\s'""]+", RegexOptions.IgnoreCase)]
    private static partial Regex SecretQuery();
}
