using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Under which hosts a service may be asked. The name of a web page can be made to lead to this machine (DNS rebinding). The page
/// then asks under that name, so only the service's own names are answered.</summary>
/// <remarks>A service that listens on loopback alone has the name <c>localhost</c> and loopback's addresses. One that others reach has
/// every IP address too, which no page can call its own. It also has every name without a dot, which no site on the internet has: that is
/// how containers call each other. All further names must be allowed by a setting.</remarks>
public sealed partial class OwnHosts
{
    private readonly List<string> _allowed;
    private readonly HashSet<string> _configured;
    private readonly IServer? _server;
    private readonly bool _anyBareName;
    private Listening? _listening;

    private OwnHosts(List<string> allowed, HashSet<string> configured, IServer? server, bool anyBareName) =>
        (_allowed, _configured, _server, _anyBareName) = (allowed, configured, server, anyBareName);

    /// <summary>The hosts of a service.</summary>
    /// <param name="services">They hold the server that listens, and the configuration that names where.</param>
    /// <param name="allowed">Names that it has beyond those on which it listens, as <see cref="Parse"/> gives them.</param>
    /// <param name="anyBareName">Whether it has every name without a dot even where it listens on loopback alone.</param>
    public static OwnHosts Of(IServiceProvider services, IReadOnlyList<string> allowed, bool anyBareName = false)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? ""));
        return new([.. allowed], [.. urls.Select(HostOf).OfType<string>()], services.GetService<IServer>(), anyBareName);
    }

    /// <summary>Reads the setting that names further hosts: separated by commas, without ports; <c>*.example.com</c> is every name below,
    /// <c>*</c> is every host.</summary>
    /// <param name="text">The setting; null and empty name none.</param>
    /// <returns>Null where it cannot be read: <see cref="Rule"/> says what it must be.</returns>
    public static IReadOnlyList<string>? Parse(string? text)
    {
        var names = (text ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Plain).ToList();
        return names.TrueForAll(name => Name().IsMatch(name) || AddressIn(name) is not null) ? names : null;
    }

    /// <summary>What <see cref="Parse"/> takes.</summary>
    public const string Rule = "must be names of hosts without ports, separated by commas; *.example.com is every name below, * every host";

    /// <summary>Whether a host is this service's own.</summary>
    /// <param name="host">As the request names it. None at all is what only programs send, never a browser.</param>
    public bool Has(HostString host)
    {
        if (!host.HasValue) return true;
        var name = Plain(host.Host);
        if (name.Length == 0) return false;
        if (_allowed.Exists(allowed => Fits(name, allowed)) || _configured.Contains(name)) return true;
        var listening = _listening ??= Listening.On(_server);
        if (AddressIn(name) is { } address)
            return listening.Widely || IPAddress.IsLoopback(address) || listening.Addresses.Contains(address);
        return name == "localhost"
            || ((listening.Widely || _anyBareName) && !name.Contains('.', StringComparison.Ordinal) && Name().IsMatch(name));
    }

    private static bool Fits(string name, string allowed) => allowed == "*" || name == allowed
        || (allowed.StartsWith("*.", StringComparison.Ordinal) && name.Length > allowed.Length - 1
            && name.EndsWith(allowed[1..], StringComparison.Ordinal));

    // A name's last dot says only that it is whole.
    private static string Plain(string host) => (host.EndsWith('.') ? host[..^1] : host).ToLowerInvariant();

    // Written as browsers write it: 2130706433 and 127.1 are names here.
    private static IPAddress? AddressIn(string host)
    {
        var bare = host is ['[', .., ']'] ? host[1..^1] : host;
        return IPAddress.TryParse(bare, out var address) && address.ToString() == bare
            && (address.AddressFamily == AddressFamily.InterNetworkV6) == (bare.Length < host.Length) ? address : null;
    }

    private static string? HostOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.HostNameType == UriHostNameType.Dns ? Plain(uri.Host) : null;

    [GeneratedRegex(@"\A(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)\z")]
    private static partial Regex Name();

    private sealed record Listening(bool Widely, HashSet<IPAddress> Addresses)
    {
        // Known once the server has started; a request comes later than that.
        public static Listening On(IServer? server)
        {
            var urls = server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var hosts = urls
                .Select(url => url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal))
                .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : "any").ToList();
            HashSet<IPAddress> addresses = [.. hosts.Select(AddressIn).OfType<IPAddress>()];
            return new(hosts.Exists(IsWide), addresses);
        }

        private static bool IsWide(string host) => AddressIn(host) is { } address ? !IPAddress.IsLoopback(address) : host != "localhost";
    }
}
