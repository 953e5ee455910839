using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>What a person can do about a source that did not open: a sentence for each kind of reason.</summary>
internal static partial class TrialAdvice
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly (Regex Reason, string Advice)[] Known =
    [
        (Gate(), "This installation takes no sources from that network (Crispy:Sources:Forbid): who runs it decides."),
        (Credentials(),
            "The camera answers and refuses this user or password: check both. Many cameras have users of their own for RTSP or ONVIF, and "
                + "lock a user out for minutes after several wrong tries."),
        (Right(),
            "The camera knows this user and lets them not see the stream: give the user the right to live video, or take another one."),
        (Path(),
            "The camera answers and knows no such stream: check the path behind the host. docs/cameras.md has those of common makers."),
        (Port(), "The machine answers, and nothing listens on this port: check the port (RTSP has 554), and whether RTSP is switched on in "
            + "the camera."),
        (Name(), "No machine has this name here: check its spelling, or give the camera's IP address."),
        (Silence(), "Nothing answers at this address: check it, whether the camera has power and network, and whether a firewall or "
            + "another network lies between."),
        (Transport(), "The camera does not send by this transport: try the other one (rtspTransport tcp or udp)."),
        (File(), "The path is one of the machine that stream-handle runs on: check it there."),
        (Content(), "It answers with something that is no video: is it the address of the stream, and not that of the camera's web page?"),
    ];

    /// <summary>The advice; null where nothing is known. What ffmpeg calls an input/output error alone may be a name that nobody has: that
    /// is looked up.</summary>
    public static async Task<string?> OfAsync(string error, SourceUrl url)
    {
        if (Of(error) is { } advice) return advice;
        if (!Uri.TryCreate(url.Secret, UriKind.Absolute, out var address) || address.IsFile
            || address.HostNameType != UriHostNameType.Dns) return null;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            await Dns.GetHostAddressesAsync(address.DnsSafeHost, patience.Token);
            return null;
        }
        catch (Exception unknown) when (unknown is SocketException or OperationCanceledException)
        {
            return Of("No such host");
        }
    }

    private static string? Of(string error) => Known.FirstOrDefault(known => known.Reason.IsMatch(error)).Advice;

    [GeneratedRegex("Crispy:Sources:Forbid")]
    private static partial Regex Gate();

    [GeneratedRegex(@"\b401\b|Unauthorized|authorization failed", RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    [GeneratedRegex(@"\b403\b|\bForbidden\b", RegexOptions.IgnoreCase)]
    private static partial Regex Right();

    [GeneratedRegex(@"\b404\b|\b410\b|\b454\b|\bNot Found\b", RegexOptions.IgnoreCase)]
    private static partial Regex Path();

    [GeneratedRegex("Connection refused|Connection reset", RegexOptions.IgnoreCase)]
    private static partial Regex Port();

    [GeneratedRegex("Failed to resolve hostname|Name or service not known|No such host|nodename nor servname|name resolution",
        RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex("did not answer within|timed out|No route to host|Network is unreachable|Host is unreachable", RegexOptions.IgnoreCase)]
    private static partial Regex Silence();

    [GeneratedRegex(@"\b461\b|Unsupported transport|Nonmatching transport", RegexOptions.IgnoreCase)]
    private static partial Regex Transport();

    [GeneratedRegex("no such file|is a folder|Permission denied", RegexOptions.IgnoreCase)]
    private static partial Regex File();

    [GeneratedRegex("Invalid data found|does not contain any stream|holds no video|moov atom not found", RegexOptions.IgnoreCase)]
    private static partial Regex Content();
}
