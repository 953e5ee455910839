using System.Globalization;
using System.Text;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Signing;

/// <summary>Checks the V4 signature in a request's query, where there is one.</summary>
internal sealed class SignedUrl(Signers signers, TimeProvider time)
{
    private const string Algorithm = "GOOG4-RSA-SHA256";
    private const string ScopeEnd = "/auto/storage/goog4_request";
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    /// <summary>Requests without a signature pass: this is an emulator.</summary>
    /// <exception cref="StorageException">400 for a malformed or expired URL, 403 for a signature that is not this request's.</exception>
    public void Check(HttpRequest request, RequestTarget target)
    {
        if (!IsIn(request)) return;
        var query = request.Query;

        var algorithm = Required(query, "X-Goog-Algorithm");
        if (algorithm != Algorithm) throw Malformed($"X-Goog-Algorithm '{algorithm}' is not {Algorithm}");
        var date = Required(query, "X-Goog-Date");
        var (account, scope) = Credential(Required(query, "X-Goog-Credential"), date);
        CheckTime(date, Required(query, "X-Goog-Expires"));
        var signature = Signature(Required(query, CanonicalRequest.SignatureParameter));

        var canonical = Canonical(request, target, Required(query, "X-Goog-SignedHeaders"));
        var text = canonical.StringToSign(date, scope);
        if (signature is null || !signers.Verifies(account, Encoding.UTF8.GetBytes(text), signature))
            throw new StorageException(403, "forbidden", "SignatureDoesNotMatch", "Access denied.",
                "The request signature we calculated does not match the signature you provided, or the account is not a known signer. "
                    + "Check your Google secret key and signing method.")
            {
                Extra = [("StringToSign", text), ("CanonicalRequest", canonical.ToString())],
            };
    }

    /// <summary>Whether a request has such a signature, good or bad.</summary>
    public static bool IsIn(HttpRequest request) =>
        request.Query.ContainsKey(CanonicalRequest.SignatureParameter) || request.Query.ContainsKey("X-Goog-Algorithm");

    private static CanonicalRequest Canonical(HttpRequest request, RequestTarget target, string signedHeaders)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in signedHeaders.Split(';'))
        {
            // The port is no part of what is signed.
            if (name.Equals("host", StringComparison.OrdinalIgnoreCase)) headers.Add(new("host", request.Host.Host));
            else if (request.Headers.TryGetValue(name, out var values)) headers.Add(new(name, string.Join(',', values.ToArray())));
            else throw new StorageException(400, "invalid", "MalformedSecurityHeader", "Your request has a malformed header.",
                "Header was included in signedheaders, but not in the request.") { Extra = [("ParameterName", name)] };
        }
        if (!headers.Exists(header => header.Key == "host")) throw Malformed("X-Goog-SignedHeaders must name host");
        return new(request.Method, target.RawPath, target.RawQuery, headers);
    }

    private static (string Account, string Scope) Credential(string credential, string date)
    {
        var slash = credential.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) throw Malformed($"X-Goog-Credential '{credential}' has no scope");
        var scope = credential[(slash + 1)..];
        var parts = scope.Split('/');
        if (parts.Length != 4 || parts[2] != "storage" || parts[3] != "goog4_request"
            || !date.StartsWith(parts[0], StringComparison.Ordinal))
            throw Malformed($"X-Goog-Credential's scope '{scope}' is not {(date.Length >= 8 ? date[..8] : "DATE")}{ScopeEnd}");
        return (credential[..slash], scope);
    }

    private void CheckTime(string date, string expires)
    {
        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var signed))
            throw Malformed($"X-Goog-Date '{date}' is not of the form yyyyMMddTHHmmssZ");
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1
            || seconds > LongestLife.TotalSeconds)
            throw Malformed($"X-Goog-Expires '{expires}' is not within 1 and {LongestLife.TotalSeconds} seconds");
        var now = time.GetUtcNow();
        if (signed > now + Skew)
            throw new StorageException(403, "forbidden", "RequestTimeTooSkewed",
                "The difference between the request time and the server's time is too large.");
        if (now > signed.AddSeconds(seconds))
            throw new StorageException(400, "invalid", "ExpiredToken", "The provided token has expired.",
                $"Request signature expired at: {signed.AddSeconds(seconds):yyyy-MM-dd'T'HH:mm:sszzz}");
    }

    private static byte[]? Signature(string hex)
    {
        try
        {
            return Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Required(IQueryCollection query, string parameter) =>
        query[parameter].ToString() is { Length: > 0 } value ? value : throw Malformed($"{parameter} is missing");

    private static StorageException Malformed(string details) =>
        new(400, "invalid", "InvalidArgument", "Invalid argument.", details);
}
