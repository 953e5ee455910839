using System.Globalization;
using System.Text;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Signing;

/// <summary>Checks the older V2 signature in a request's query (<c>GoogleAccessId</c>, <c>Expires</c>, <c>Signature</c>),
/// where there is one.</summary>
internal sealed class SignedUrlV2(Signers signers, TimeProvider time)
{
    /// <summary>Requests without a signature pass: this is an emulator.</summary>
    /// <exception cref="StorageException">400 for a malformed or expired URL, 403 for a signature that is not this request's.</exception>
    public void Check(HttpRequest request, RequestTarget target)
    {
        if (!IsIn(request)) return;
        var query = request.Query;
        var expires = query["Expires"].ToString();
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            throw new StorageException(400, "invalid", "InvalidArgument", "Invalid argument.",
                $"Expires '{expires}' is no time in seconds");
        var text = StringToSign(request, target, expires);
        var signature = new byte[query["Signature"].ToString().Length];
        if (!Convert.TryFromBase64String(query["Signature"].ToString(), signature, out var length)
            || !signers.Verifies(query["GoogleAccessId"].ToString(), Encoding.UTF8.GetBytes(text), signature[..length]))
            throw new StorageException(403, "forbidden", "SignatureDoesNotMatch", "Access denied.",
                "The request signature we calculated does not match the signature you provided, or the account is not a known signer. "
                    + "Check your Google secret key and signing method.")
            {
                Extra = [("StringToSign", text)],
            };
        if (time.GetUtcNow().ToUnixTimeSeconds() > seconds)
            throw new StorageException(400, "invalid", "ExpiredToken", "The provided token has expired.",
                $"Request signature expired at: {expires}");
    }

    /// <summary>Whether a request has such a signature, good or bad.</summary>
    public static bool IsIn(HttpRequest request) => request.Query.ContainsKey("GoogleAccessId");

    private static string StringToSign(HttpRequest request, RequestTarget target, string expires)
    {
        var headers = request.Headers
            .Where(header => header.Key.StartsWith("x-goog-", StringComparison.OrdinalIgnoreCase))
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value.ToArray())))
            .OrderBy(header => header.Name, StringComparer.Ordinal);
        var lines = string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n"));
        return $"{request.Method}\n{request.Headers.ContentMD5}\n{request.ContentType}\n{expires}\n{lines}{target.RawPath}";
    }
}
