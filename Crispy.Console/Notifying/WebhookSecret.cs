using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.Console.Notifying;

/// <summary>Signs requests by the Standard Webhooks specification (https://www.standardwebhooks.com): HMAC-SHA256 over
/// <c>id.timestamp.body</c>.</summary>
public sealed class WebhookSecret
{
    /// <summary>What a secret must be.</summary>
    public const string Rule = "must be whsec_ and the base64 of 24 to 64 random bytes; several, for a change of keys, with spaces between";

    private const string Prefix = "whsec_";

    private readonly byte[][] _keys;

    private WebhookSecret(byte[][] keys) => _keys = keys;

    /// <summary>Reads it: <c>whsec_</c> and base64. Each of several signs, so that a receiver can change from one to the next.</summary>
    /// <returns>Null where it is none.</returns>
    public static WebhookSecret? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var keys = text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(Key).ToArray();
        return keys.Length == 0 || keys.Contains(null) ? null : new(keys!);
    }

    /// <summary>The value of the header <c>webhook-signature</c>.</summary>
    /// <param name="id">The value of <c>webhook-id</c>; holds no full stop.</param>
    /// <param name="at">The time of <c>webhook-timestamp</c>.</param>
    /// <param name="body">The body, byte for byte as it is sent.</param>
    public string Sign(string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{Timestamp(at)}."), .. body];
        return string.Join(' ', _keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }

    /// <summary>A time as the header <c>webhook-timestamp</c> has it: whole seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public override string ToString() => "***"; // Never the secret itself.

    private static byte[]? Key(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length is >= 24 and <= 64 ? key[..length] : null;
    }
}
