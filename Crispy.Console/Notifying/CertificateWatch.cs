using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Crispy.Coordination;

namespace Crispy.Console.Notifying;

/// <summary>Until when certificates hold: those in the files that the console itself is configured with, and those that targets of
/// notices show. Other processes' certificates are not looked at.</summary>
/// <param name="configuration">Names the files.</param>
/// <param name="hosts">Hosts of the targets.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">Where a file that cannot be read is told.</param>
internal sealed class CertificateWatch(IConfiguration configuration, IReadOnlyCollection<string> hosts, TimeProvider clock, ILogger log)
{
    /// <summary>How long before its end a certificate is told of.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromDays(14);

    private const string Prefix = "certificate/";
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _shown = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private Dictionary<string, DateTimeOffset> _files = [];
    private long? _looked;

    /// <summary>Notes a certificate that a server showed; the newest counts.</summary>
    public void Meet(string host, DateTimeOffset notAfter) => _shown[host] = notAfter;

    /// <summary>The certificates as signals. Files are read again once an hour.</summary>
    /// <param name="open">Keys of what was told of and is not over.</param>
    public IEnumerable<Signal> Read(IEnumerable<string> open)
    {
        if (_looked is not { } before || clock.GetElapsedTime(before) >= Interval) Look();
        var now = clock.GetUtcNow();
        foreach (var (file, end) in _files) yield return Judge(KeyOf(file), $"The certificate in {file}", end, now);
        foreach (var (host, end) in _shown) yield return Judge(KeyOf(host), $"The certificate of {host}", end, now);
        var looked = Configured().Select(each => each.File).Concat(hosts).Select(KeyOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var key in open.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !looked.Contains(key)))
            yield return Signal.Well(NoticeKind.Certificate, key,
                $"The certificate {key[Prefix.Length..]} is no longer one of those that are looked at");
    }

    private static string KeyOf(string fileOrHost) => Prefix + fileOrHost.TrimStart('/');

    private static Signal Judge(string key, string what, DateTimeOffset end, DateTimeOffset now)
    {
        var day = end.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        if (end - now > Early) return Signal.Well(NoticeKind.Certificate, key, $"{what} holds until {day}");
        return new(NoticeKind.Certificate, key, true, end > now ? Level.Warning : Level.Bad,
            $"{what} {(end > now ? "ends" : "ended")} on {day}",
            "Renew it: nobody can connect when it is over.");
    }

    private void Look()
    {
        _looked = clock.GetTimestamp();
        var files = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var (file, password) in Configured())
        {
            try
            {
                files[file] = Earliest(file, password);
                _unreadable.Remove(file);
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
            {
                if (_unreadable.Add(file)) Log.CertificateUnreadable(log, file, unusable.Message);
            }
        }
        _files = files;
    }

    // Kestrel's own keys, and the authorities of Redis.
    private IEnumerable<(string File, string? Password)> Configured()
    {
        var kestrel = configuration.GetSection("Kestrel");
        var sections = kestrel.GetSection("Certificates").GetChildren()
            .Concat(kestrel.GetSection("Endpoints").GetChildren().Select(endpoint => endpoint.GetSection("Certificate")));
        foreach (var section in sections.Where(section => section["Path"] is { Length: > 0 }))
            yield return (section["Path"]!, section["Password"]);
        if (configuration[ServerTrust.Key] is { Length: > 0 } authorities) yield return (authorities, null);
    }

    private static DateTimeOffset Earliest(string file, string? password)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(file);
            if (all.Count == 0)
                all.Add(X509Certificate2.GetCertContentType(file) == X509ContentType.Pfx
                    ? X509CertificateLoader.LoadPkcs12FromFile(file, password) : X509CertificateLoader.LoadCertificateFromFile(file));
            return all.Min(certificate => certificate.NotAfter).ToUniversalTime();
        }
        finally
        {
            foreach (var certificate in all) certificate.Dispose();
        }
    }
}
