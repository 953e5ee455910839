using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Google.Cloud.Storage.V1;

/// <summary>A URL before its signature: canonical request and string to sign of
/// <see href="https://cloud.google.com/storage/docs/authentication/canonical-requests"/>.</summary>
internal sealed partial class V4Url
{
    private const int LongestSeconds = 7 * 24 * 3600;

    private readonly string _unsigned;

    public V4Url(UrlSigner.RequestTemplate request, UrlSigner.Options options, string account, string algorithm, DateTimeOffset now)
    {
        var seconds = (long)((options.Expiration ?? now + options.Duration!.Value) - now).TotalSeconds;
        if (seconds is < 1 or > LongestSeconds) throw new ArgumentOutOfRangeException(nameof(options), seconds, "A signed URL is good for 1 second to 7 days");

        var (host, path) = Place(request, options);
        var headers = Headers(request, host);
        var signedHeaders = string.Join(';', headers.Keys);
        var timestamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = timestamp[..8] + "/auto/storage/goog4_request";
        var query = Query(request,
        [
            ("X-Goog-Algorithm", algorithm),
            ("X-Goog-Credential", $"{account}/{scope}"),
            ("X-Goog-Date", timestamp),
            ("X-Goog-Expires", seconds.ToString(CultureInfo.InvariantCulture)),
            ("X-Goog-SignedHeaders", signedHeaders),
        ]);
        var payload = headers.GetValueOrDefault("x-goog-content-sha256", "UNSIGNED-PAYLOAD");
        CanonicalRequest = $"{request.HttpMethod}\n{path}\n{query}\n{string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n"))}\n{signedHeaders}\n{payload}";
        StringToSign = $"{algorithm}\n{timestamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalRequest)))}";
        var port = options.Port is { } number && options.UrlStyle != UrlSigner.UrlStyle.BucketBoundHostname ? $":{number}" : "";
        _unsigned = $"{options.Scheme}://{host}{port}{path}?{query}";
    }

    public string CanonicalRequest { get; }

    public string StringToSign { get; }

    public byte[] BytesToSign => Encoding.UTF8.GetBytes(StringToSign);

    public string WithSignature(byte[] signature) => $"{_unsigned}&X-Goog-Signature={Convert.ToHexStringLower(signature)}";

    private static (string Host, string Path) Place(UrlSigner.RequestTemplate request, UrlSigner.Options options)
    {
        // Slashes of the name stay, everything else that is not unreserved (RFC 3986) is encoded.
        var name = request.ObjectName is { Length: > 0 } text ? "/" + string.Join('/', text.Split('/').Select(Uri.EscapeDataString)) : "";
        return options.UrlStyle switch
        {
            UrlSigner.UrlStyle.VirtualHostedStyle => ($"{request.Bucket}.{options.Host}", name),
            UrlSigner.UrlStyle.BucketBoundHostname => (options.BucketBoundHostname!, name),
            _ => (options.Host, $"/{request.Bucket}{name}"),
        };
    }

    private static SortedDictionary<string, string> Headers(UrlSigner.RequestTemplate request, string host)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = host };
        foreach (var (name, values) in request.RequestHeaders)
        {
            headers[name.ToLowerInvariant()] = string.Join(',', values.Select(value => Spaces().Replace(value, " ").Trim()));
        }
        return headers;
    }

    private static string Query(UrlSigner.RequestTemplate request, (string Name, string Value)[] own) => string.Join('&', own
        .Concat(request.QueryParameters.SelectMany(parameter => parameter.Value.Select(value => (Name: parameter.Key, Value: value))))
        .Select(parameter => $"{Uri.EscapeDataString(parameter.Name)}={Uri.EscapeDataString(parameter.Value)}")
        .Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
