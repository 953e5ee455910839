using System.Net.Http.Headers;
using System.Text;

namespace Crispy.StreamHandle.Sources;

/// <summary>Tells whether an HTTP source has an end, where ffprobe cannot: an address with secrets reaches it inside a script, which hides the length.
/// A file has a length, and a finished playlist the tag <c>EXT-X-ENDLIST</c> (RFC 8216, section 4.3.3.4).</summary>
internal static class HttpKind
{
    private const int MaxPlaylistBytes = 4 << 20;

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) });

    /// <exception cref="SourceException">The server does not answer, or refuses.</exception>
    public static async Task<bool> IsFiniteAsync(SourceUrl url, CancellationToken cancellation)
    {
        var address = new Uri(url.Secret);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (address.UserInfo.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        try
        {
            using var answer = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!answer.IsSuccessStatusCode) throw new SourceException($"{url}: {(int)answer.StatusCode} {answer.ReasonPhrase}");
            var isPlaylist = address.AbsolutePath.EndsWith(".m3u8", StringComparison.OrdinalIgnoreCase)
                || answer.Content.Headers.ContentType?.MediaType?.Contains("mpegurl", StringComparison.OrdinalIgnoreCase) == true;
            if (!isPlaylist) return answer.Content.Headers.ContentLength is not null;
            if (answer.Content.Headers.ContentLength > MaxPlaylistBytes) return false;
            return (await answer.Content.ReadAsStringAsync(cancellation)).Contains("#EXT-X-ENDLIST", StringComparison.Ordinal);
        }
        catch (HttpRequestException away)
        {
            throw new SourceException($"{url}: {url.Redact(away.Message)}");
        }
    }
}
