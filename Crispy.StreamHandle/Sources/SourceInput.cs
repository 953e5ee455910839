using System.Globalization;
using System.Text;

namespace Crispy.StreamHandle.Sources;

/// <summary>How ffmpeg and ffprobe open a source.</summary>
/// <param name="Options">The options that stand before <c>-i</c>.</param>
/// <param name="Address">What follows <c>-i</c>; never holds a secret.</param>
/// <param name="Script">What is written to standard input, or null: an address with credentials goes this way, as an ffconcat script of one
/// file, because a command line is open to everyone on the machine.</param>
public sealed record SourceInput(IReadOnlyList<string> Options, string Address, string? Script)
{
    private const string NetworkProtocols = "pipe,rtsp,rtsps,rtp,srtp,tcp,udp,tls,http,https,httpproxy,crypto,data,hls";

    /// <summary>The input of a stream.</summary>
    /// <param name="options">The stream.</param>
    /// <param name="demoClock">Whether ffmpeg has the filter that draws a demo's clock.</param>
    public static SourceInput Of(StreamOptions options, bool demoClock)
    {
        var url = options.Url;
        return url.Scheme switch
        {
            "demo" => new(["-f lavfi"], DemoPicture.Parse(url).Filter(demoClock), null),
            "file" => new([], $"file:{url.FilePath}", null),
            _ => Network(url, ProtocolOptions(options)),
        };
    }

    private static SourceInput Network(SourceUrl url, List<(string Name, string Value)> options)
    {
        if (!url.HasCredentials) return new([.. options.Select(option => $"-{option.Name} {option.Value}")], url.Secret, null);
        var script = new StringBuilder("ffconcat version 1.0\n");
        script.Append(CultureInfo.InvariantCulture, $"file '{url.Secret.Replace("'", "'\\''", StringComparison.Ordinal)}'\n");
        foreach (var (name, value) in options) script.Append(CultureInfo.InvariantCulture, $"option {name} {value}\n");
        return new(["-f concat", "-safe 0", $"-protocol_whitelist {NetworkProtocols}"], "pipe:0", script.ToString());
    }

    private static IEnumerable<(string, string)> Playlist(StreamOptions options) => options.PlaylistStart is { } start ? [("live_start_index", start.ToString(CultureInfo.InvariantCulture))] : [];

    // Both timeouts are in microseconds; they end a read of a dead connection, after which the supervising loop connects again.
    // A download that broke goes on where it was, by a range, after pauses of 0, 1 and 3 s; a server that has none ends it. All releases from 5.1 on know these options.
    private static List<(string, string)> ProtocolOptions(StreamOptions options)
    {
        var timeout = ((long)options.StallTimeout.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        return options.Url.Scheme is "rtsp" or "rtsps"
            ? [("rtsp_transport", options.RtspTransport == RtspTransport.Tcp ? "tcp" : "udp"), ("timeout", timeout)]
            : [("rw_timeout", timeout), ("reconnect", "1"), ("reconnect_on_network_error", "1"), ("reconnect_on_http_error", "5xx"), ("reconnect_delay_max", "5"), .. Playlist(options)];
    }
}
