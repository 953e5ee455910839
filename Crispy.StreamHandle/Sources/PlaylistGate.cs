using System.Net;
using System.Text.RegularExpressions;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Sources;

/// <summary>Every address that a playlist of an HTTP server names, before ffmpeg reads it: ffmpeg fetches them itself,
/// and asks nobody.</summary>
internal static partial class PlaylistGate
{
    private const int MostHosts = 200;
    private const string Schemes = "https?|httpproxy|ftp|gophers?|icecast|mms[ht]?|rtmp[a-z]*|rtsps?|rtp|srtp?|tcp|tls|udp|udplite";

    /// <summary>Refuses a playlist that names a forbidden address; addresses without a host are its own server's.</summary>
    /// <exception cref="SourceException">It does, or names more hosts than are looked up.</exception>
    public static async Task RequireAsync(SourceGate gate, SourceUrl source, string text, CancellationToken cancellation)
    {
        if (gate.IsOpen) return;
        // A manifest's XML may write any character by its number.
        var urls = Absolute().Matches(text).Concat(Absolute().Matches(WebUtility.HtmlDecode(text)))
            .Select(match => "//" + match.Groups[1].Value).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (urls.Count > MostHosts) throw new SourceException($"{source}: its playlist names more than {MostHosts} servers");
        foreach (var url in urls) await gate.RequireAsync(url, $"{source}: its playlist names {Redaction.Apply(url)}", cancellation);
    }

    // The authority of "http://host/..", also of "crypto+http://host", and of "http:host", which ffmpeg takes for the same;
    // of "//host/..", with the playlist's own scheme.
    [GeneratedRegex($$"""(?:\b(?:{{Schemes}}):/{0,2}|(?<![^\s"'>=,;(|])//)([^/?#\s"'<>]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();
}
