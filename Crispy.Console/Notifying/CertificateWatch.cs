using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Crispy.Coordination;

namespace Crispy.Console.Notifying;

/// <summary>Until when certificates hold: those in the files that the console itself is configured with, and those that targets of
/// notices show. What other processes depend on, they tell by themselves (<see cref="DutyReport.Certificates"/>).</summary>
/// <param name="configuration">Names the files.</param>
/// <param name="hosts">Hosts of the targets.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">Where a file that cannot be read is told.</param>
internal sealed class CertificateWatch(IConfiguration configuration, IReadOnlyCollection<string> hosts, TimeProvider clock, ILogger log)
{
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
        var looked = CertificateFiles.Of(configuration).Select(each => each.Path).Concat(hosts).Select(KeyOf)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var key in open.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !looked.Contains(key)))
            yield return Signal.Well(NoticeKind.Certificate, key,
                $"The certificate {key[Prefix.Length..]} is no longer one of those that are looked at");
    }

    private static string KeyOf(string fileOrHost) => Prefix + fileOrHost.TrimStart('/');

    private static Signal Judge(string key, string what, DateTimeOffset end, DateTimeOffset now)
    {
        var day = end.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        if (end - now > CertificateDuty.Early) return Signal.Well(NoticeKind.Certificate, key, $"{what} holds until {day}");
        return new(NoticeKind.Certificate, key, true, new CertificateDuty(what, end).LevelAt(now),
            $"{what} {(end > now ? "ends" : "ended")} on {day}", CertificateDuty.Advice);
    }

    private void Look()
    {
        _looked = clock.GetTimestamp();
        var files = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var configured in CertificateFiles.Of(configuration))
        {
            var file = configured.Path;
            try
            {
                files[file] = CertificateFiles.Earliest(configured);
                _unreadable.Remove(file);
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
            {
                if (_unreadable.Add(file)) Log.CertificateUnreadable(log, file, unusable.Message);
            }
        }
        _files = files;
    }
}
