using Microsoft.AspNetCore.Http.Features;

namespace Crispy.CloudEmulator.Http;

/// <summary>
/// A request's target as it came over the wire. Object names may hold encoded slashes, empty segments and "..", which the
/// server's own path would decode or resolve: so segments are cut here, before decoding.
/// </summary>
internal sealed class RequestTarget
{
    private RequestTarget(string path, string query)
    {
        RawPath = path;
        RawQuery = query;
        Segments = path.Length <= 1 ? [] : path[1..].Split('/');
    }

    /// <summary>Still percent-encoded, from the first slash.</summary>
    public string RawPath { get; }

    /// <summary>Still percent-encoded, without the question mark.</summary>
    public string RawQuery { get; }

    /// <summary>Still percent-encoded.</summary>
    public string[] Segments { get; }

    public static RequestTarget Of(HttpContext context) =>
        Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>Takes origin form (<c>/a?b</c>) and absolute form (<c>http://host/a?b</c>), RFC 9112 section 3.2.</summary>
    public static RequestTarget Parse(string target)
    {
        if (!target.StartsWith('/'))
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var slash = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
            target = slash < 0 ? "/" : target[slash..];
        }
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? new(target, "") : new(target[..question], target[(question + 1)..]);
    }

    /// <summary>True for the JSON API, false for the XML API.</summary>
    public bool IsJsonApi => StartsWith("storage", "v1") || StartsWith("upload", "storage", "v1") || IsDownload;

    /// <summary>True for the JSON API's path of an object's bytes.</summary>
    public bool IsDownload => StartsWith("download", "storage", "v1");

    private bool StartsWith(params ReadOnlySpan<string> segments) =>
        Segments.Length >= segments.Length && Segments.AsSpan(0, segments.Length).SequenceEqual(segments);

    /// <summary>One decoded segment.</summary>
    public string Decoded(int segment) => Decode(Segments[segment]);

    /// <summary>Everything from a segment on, decoded, slashes kept: an object name of the XML API.</summary>
    public string DecodedFrom(int segment) => Decode(string.Join('/', Segments[segment..]));

    private static string Decode(string text) => Uri.UnescapeDataString(text);
}
