using System.Security.Cryptography;
using System.Text;

namespace Crispy.CloudEmulator.Signing;

/// <summary>
/// A request in the one form that signer and server both compute (Cloud Storage's V4 signing process). As received over the wire:
/// path and query still percent-encoded.
/// </summary>
/// <param name="Method">Upper case.</param>
/// <param name="RawPath">From the first slash.</param>
/// <param name="RawQuery">Without the question mark; may hold the signature, which is left out.</param>
/// <param name="SignedHeaders">Lower-case name and value, as sent.</param>
internal sealed record CanonicalRequest(
    string Method, string RawPath, string RawQuery, IReadOnlyCollection<KeyValuePair<string, string>> SignedHeaders)
{
    public const string SignatureParameter = "X-Goog-Signature";

    public override string ToString()
    {
        var headers = SignedHeaders
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: Collapse(header.Value)))
            .OrderBy(header => header.Name, StringComparer.Ordinal)
            .ToList();
        var lines = string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n"));
        var names = string.Join(';', headers.Select(header => header.Name));
        return $"{Method}\n{CanonicalPath()}\n{CanonicalQuery()}\n{lines}\n{names}\nUNSIGNED-PAYLOAD";
    }

    /// <summary>What is signed.</summary>
    /// <param name="date">The signing instant, <c>yyyyMMddTHHmmssZ</c>.</param>
    /// <param name="scope">For example <c>20190201/auto/storage/goog4_request</c>.</param>
    public string StringToSign(string date, string scope) =>
        $"GOOG4-RSA-SHA256\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToString())))}";

    private string CanonicalPath() => string.Join('/', RawPath.Split('/').Select(Encode));

    private string CanonicalQuery() => string.Join('&', RawQuery
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Name: Encode(pair[0]), Value: pair.Length > 1 ? Encode(pair[1]) : ""))
        .Where(pair => !pair.Name.Equals(SignatureParameter, StringComparison.OrdinalIgnoreCase))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal)
        .ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    // What was encoded already counts too: everything but RFC 3986's unreserved characters is, in upper-case hex.
    private static string Encode(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private static string Collapse(string value) =>
        string.Join(' ', value.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
