using System.Globalization;
using System.Text;

namespace Crispy.StreamHandle.Sources;

/// <summary>How ffmpeg and ffprobe open a source.</summary>
/// <param name="Options">The options that stand before <c>-i</c>.</param>
/// <param name="Address">What follows <c>-i</c>; never the address of a network source.</param>
/// <param name="Script">What is written to standard input, or null. The address of a network source goes this way, as an ffconcat script of
/// one file. A command line is open to everyone on the machine, and any part of an address may be a secret.</param>
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
            "file" => new(FileFormats.Options(url.FilePath!), $"file:{url.FilePath}", null),
            _ => Network(url, ProtocolOptions(options)),
        };
    }

    /// <summary>The bytes of an HTTP source whose length is known. Unlike through <see cref="Of"/> ffprobe then sees its container; what
    /// breaks is not taken up again.</summary>
    /// <param name="url">The source.</param>
    public static SourceInput Bytes(SourceUrl url) =>
        new([$"-protocol_whitelist concatf,{NetworkProtocols}"], "concatf:pipe:0", $"{Quoted(url)}\n");

    private static SourceInput Network(SourceUrl url, List<(string Name, string Value)> options)
    {
        var script = new StringBuilder("ffconcat version 1.0\n");
        script.Append(CultureInfo.InvariantCulture, $"file {Quoted(url)}\n");
        foreach (var (name, value) in options) script.Append(CultureInfo.InvariantCulture, $"option {name} {value}\n");
        return new(["-f concat", "-safe 0", "-auto_convert 0", $"-protocol_whitelist {NetworkProtocols}"], "pipe:0", script.ToString());
    }

    private static string Quoted(SourceUrl url) => $"'{url.Secret.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static IEnumerable<(string, string)> Playlist(StreamOptions options) =>
        options.PlaylistStart is { } start ? [("live_start_index", start.ToString(CultureInfo.InvariantCulture))] : [];

    // Both timeouts are in microseconds; they end a read of a dead connection, after which the supervising loop connects again. A download
    // that broke goes on where it was, by a range, after pauses of 0, 1 and 3 s. A server that has no ranges ends it. All releases from 5.1
    // on know these options.
    private static List<(string, string)> ProtocolOptions(StreamOptions options)
    {
        var timeout = ((long)options.StallTimeout.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        return options.Url.Scheme is "rtsp" or "rtsps"
            ? [("rtsp_transport", options.RtspTransport == RtspTransport.Tcp ? "tcp" : "udp"), ("timeout", timeout)]
            : [("rw_timeout", timeout), ("reconnect", "1"), ("reconnect_on_network_error", "1"), ("reconnect_on_http_error", "5xx"),
                ("reconnect_delay_max", "5"), .. Playlist(options)];
    }
}
