using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Cameras;

/// <summary>A maker of cameras, and how the addresses of its cameras look.</summary>
/// <param name="Id">Its name in options and lists: <c>hikvision</c>.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Main">The address of the main stream, with <c>HOST</c> and perhaps <c>CHANNEL</c>, <c>CHANNEL2</c> (two digits) and
/// <c>KEY</c>; null where it has no rule.</param>
/// <param name="Sub">That of the second, smaller stream; null where it has no rule.</param>
/// <param name="Key">Where the key is found that some have in place of user and password; null where none is needed.</param>
/// <param name="Note">What a person has to know.</param>
public sealed record Maker(string Id, string Name, string? Main, string? Sub, string? Key, string Note)
{
    /// <summary>Channels of a recorder at most.</summary>
    public const int MaxChannel = 256;

    private static readonly System.Buffers.SearchValues<char> NoHost = System.Buffers.SearchValues.Create("/?#@\\ ");
    private static readonly Lazy<List<Maker>> Read = new(Load);

    /// <summary>All that are known, in the order in which they are shown.</summary>
    public static IReadOnlyList<Maker> All => Read.Value;

    /// <summary>Ids of those that have a rule.</summary>
    public static IEnumerable<string> Ids => All.Where(maker => maker.Main is not null).Select(maker => maker.Id);

    /// <summary>Whether its cameras have channels.</summary>
    public bool HasChannels => Main?.Contains("CHANNEL", StringComparison.Ordinal) == true;

    /// <summary>One by its id; null where none has it.</summary>
    public static Maker? Find(string? id) =>
        All.FirstOrDefault(maker => maker.Main is not null && maker.Id.Equals(id?.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>The address of a camera.</summary>
    /// <exception cref="FormatException">A part of it is missing or cannot be one; the message holds no secret,
    /// and begins with the part's name.</exception>
    public string Address(CameraAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        var template = (access.IsSub ? Sub : Main)
            ?? throw new FormatException($"stream: {Name} has no rule for it; give the whole address");
        var host = Host(access.Host);
        if (Key is not null && string.IsNullOrWhiteSpace(access.Key)) throw new FormatException($"key: is missing. {Key}");
        if (access.Channel is < 1 or > MaxChannel) throw new FormatException($"channel: must be a whole number from 1 to {MaxChannel}");
        var (begin, after) = Split(template);
        var channel = access.Channel ?? 1;
        var path = after.Replace("CHANNEL2", channel.ToString("00", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("CHANNEL", channel.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("KEY", Uri.EscapeDataString(access.Key?.Trim() ?? ""), StringComparison.Ordinal);
        // A port that was typed counts, not that of the rule.
        if (HasPort(host) && path.StartsWith(':')) path = path[path.IndexOf('/', StringComparison.Ordinal)..];
        return begin + User(access) + host + path;
    }

    private string User(CameraAccess access)
    {
        if (string.IsNullOrEmpty(access.User))
            return string.IsNullOrEmpty(access.Password) ? "" : throw new FormatException("user: is missing, and a password is given");
        if (Key is not null) throw new FormatException($"user: {Name} takes a key in place of user and password");
        return string.IsNullOrEmpty(access.Password) ? $"{Uri.EscapeDataString(access.User)}@"
            : $"{Uri.EscapeDataString(access.User)}:{Uri.EscapeDataString(access.Password)}@";
    }

    private static string Host(string? given)
    {
        var host = given?.Trim() ?? "";
        if (host.Length == 0) throw new FormatException("host: is missing");
        if (host.Contains("://", StringComparison.Ordinal))
            throw new FormatException("host: is a whole address; give the host alone (192.168.1.20), or leave the maker out");
        if (System.Net.IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            && !host.StartsWith('['))
            host = $"[{host}]";
        return Uri.TryCreate($"rtsp://{host}/", UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && uri is { PathAndQuery: "/", Fragment: "" }
            && !host.AsSpan().ContainsAny(NoHost)
            ? host : throw new FormatException(
                "host: must be a name or an address with or without a port (192.168.1.20, camera.local:8554)");
    }

    private static bool HasPort(string host) => host.LastIndexOf(':') is var colon and > 0 && colon > host.LastIndexOf(']');

    private static (string Begin, string After) Split(string template)
    {
        var host = template.IndexOf("HOST", StringComparison.Ordinal);
        return (template[..host], template[(host + 4)..]);
    }

    private static List<Maker> Load()
    {
        using var file = typeof(Maker).Assembly.GetManifestResourceStream("makers.json")!;
        return JsonSerializer.Deserialize(file, MakerJson.Default.ListMaker)!;
    }
}

/// <summary>What a person knows of a camera.</summary>
/// <param name="Host">Its host, perhaps with a port.</param>
/// <param name="User">The user; null for none.</param>
/// <param name="Password">The password; null for none.</param>
/// <param name="Channel">The channel of a recorder, or the lens; null for the first.</param>
/// <param name="IsSub">Whether the second, smaller stream is meant.</param>
/// <param name="Key">The key in place of user and password.</param>
public sealed record CameraAccess(string? Host, string? User = null, string? Password = null, int? Channel = null,
    bool IsSub = false, string? Key = null)
{
    /// <inheritdoc />
    public override string ToString() => $"{nameof(CameraAccess)} {Host}"; // Never the password.
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<Maker>))]
internal sealed partial class MakerJson : JsonSerializerContext;
