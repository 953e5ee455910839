using System.Net;
using System.Net.Sockets;

namespace Crispy.StreamHandle.Sources;

/// <summary>
/// Addresses that no source may have: <c>Crispy:Sources:Forbid</c>. A name counts by all addresses that it has now. It holds for what this
/// process fetches itself, at the moment of connecting, and for every address that is handed to ffmpeg. What a server answers to ffmpeg
/// alone, it cannot see.
/// </summary>
public sealed class SourceGate
{
    /// <summary>Forbids nothing.</summary>
    public static readonly SourceGate Open = new([]);

    private const string Section = "Crispy:Sources";

    private readonly IReadOnlyList<IPNetwork> _forbidden;

    private SourceGate(IReadOnlyList<IPNetwork> forbidden) => _forbidden = forbidden;

    /// <summary>Whether nothing is forbidden.</summary>
    public bool IsOpen => _forbidden.Count == 0;

    /// <summary>Reads <c>Crispy:Sources</c>: a list, or one text with commas between.</summary>
    internal static SourceGate Read(SectionReader keys)
    {
        var networks = new List<IPNetwork>();
        foreach (var (key, text) in keys.Words("Forbid", ',', ';', ' '))
        {
            if (Parse(text) is { } network) networks.Add(network);
            else keys.Mistake(key, text, "must be a network such as 169.254.0.0/16 or fe80::/10, or one address");
        }
        keys.RefuseUnknownKeys();
        return networks.Count == 0 ? Open : new(networks);
    }

    /// <summary>Whether an address is forbidden, in any form in which IPv6 wraps an IPv4 one.</summary>
    public bool Forbids(IPAddress address) => Forms(address).Any(form => _forbidden.Any(network => network.Contains(form)));

    /// <summary>Refuses an address whose host is, or has, a forbidden address.</summary>
    /// <param name="url">As ffmpeg reads it: an authority between <c>//</c> and the next of <c>/?#</c>.</param>
    /// <param name="shown">What a refusal names, without secrets.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <exception cref="SourceException">It is forbidden, or its host cannot be told.</exception>
    public async Task RequireAsync(string url, string shown, CancellationToken cancellation)
    {
        if (IsOpen) return;
        if (HostOf(url) is not { Length: > 0 } host)
            throw new SourceException($"{shown}: its host cannot be told from it, and some are forbidden ({Section}:Forbid)");
        foreach (var address in await AddressesAsync(host, cancellation))
        {
            if (Forbids(address)) throw Refused(shown, host, address);
        }
    }

    /// <summary>Connects to an end point by the first of its addresses that answers, and to none where one of them is forbidden.</summary>
    /// <exception cref="SourceException">It is forbidden.</exception>
    internal async ValueTask<Stream> ConnectAsync(DnsEndPoint end, CancellationToken cancellation)
    {
        var addresses = IsOpen ? null : await Dns.GetHostAddressesAsync(end.Host, cancellation);
        if (addresses?.FirstOrDefault(Forbids) is { } forbidden) throw Refused(end.Host, end.Host, forbidden);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (addresses is null) await socket.ConnectAsync(end, cancellation);
            else await socket.ConnectAsync(addresses, end.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SourceException Refused(string shown, string host, IPAddress address) =>
        new($"{shown}: {(host == address.ToString() ? "" : $"{host} is ")}{address}, an address that is forbidden here ({Section}:Forbid)");

    // What has no address now cannot be reached by ffmpeg either, and says so by itself.
    private static async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    // The last '@' ends the user info, as in SourceUrl. Where two readers could disagree about the host there is none.
    private static string? HostOf(string url)
    {
        if (url.Any(character => char.IsControl(character) || character is '\\' or ' ')) return null;
        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        if (start < 2) return null;
        var end = url.AsSpan(start).IndexOfAny("/?#");
        var authority = end < 0 ? url[start..] : url.Substring(start, end);
        var at = authority.LastIndexOf('@');
        // As in Redaction: what stands before it may be part of a password.
        if (at < 0 && end >= 0 && url.AsSpan(start + end).Contains('@')) return null;
        var host = authority[(at + 1)..];
        if (host.StartsWith('[')) return host.IndexOf(']', StringComparison.Ordinal) is > 1 and var close ? host[1..close] : null;
        var colon = host.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? host : host[..colon]).TrimEnd('.');
    }

    private static IPNetwork? Parse(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal)) return IPNetwork.TryParse(text, out var network) ? network : null;
        return IPAddress.TryParse(text, out var address)
            ? new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            : null;
    }

    // Mapped (::ffff:a.b.c.d), compatible (::a.b.c.d), NAT64 (64:ff9b::/96), 6to4 (2002::/16).
    private static IEnumerable<IPAddress> Forms(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        yield return new(bytes); // Without its zone.
        if (bytes.Length == 4) yield break;
        if (bytes.AsSpan(0, 10).IndexOfAnyExcept((byte)0) < 0) yield return new(bytes.AsSpan(12));
        if (bytes is [0x00, 0x64, 0xff, 0x9b, ..]) yield return new(bytes.AsSpan(12));
        if (bytes is [0x20, 0x02, ..]) yield return new(bytes.AsSpan(2, 4));
    }
}
