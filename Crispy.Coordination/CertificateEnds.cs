using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Crispy.Contracts.Api;
using Microsoft.Extensions.Configuration;

namespace Crispy.Coordination;

/// <summary>Until when the certificates hold on which a process depends: those in its files, and those that RabbitMQ and Redis showed. What
/// is soon over is looked at again once an hour: a connection that lasts does not see that a server has a new one.</summary>
public sealed class CertificateEnds
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _servers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Host, int Port)> _addresses = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<CertificateFile> _files;
    private IReadOnlyList<CertificateDuty> _inFiles = [];
    private DateTimeOffset? _looked;

    /// <summary>Knows the files of a configuration.</summary>
    public CertificateEnds(IConfiguration configuration) => _files = [.. CertificateFiles.Of(configuration)];

    /// <summary>What is known, as was last looked.</summary>
    public IReadOnlyList<CertificateDuty> Known =>
        [.. Volatile.Read(ref _inFiles),
            .. _servers.Select(server => new CertificateDuty($"The certificate of {server.Key}", server.Value))];

    /// <summary>Looks again, at most once an hour. Files that cannot be read are passed over: who needs them says so.</summary>
    /// <param name="process">What this process is called.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task LookAsync(string process, TimeProvider clock, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        if (_looked is { } before && now - before < Interval && now >= before) return;
        _looked = now;
        Volatile.Write(ref _inFiles, [.. _files.Select(file => Read(process, file)).OfType<CertificateDuty>()]);
        foreach (var (name, end) in _servers.Where(server => server.Value - now < CertificateDuty.Early))
            if (_addresses.TryGetValue(name, out var address)
                && await ShownAsync(address.Host, address.Port, clock, stopping).ConfigureAwait(false) is { } shown)
                _servers[name] = shown;
    }

    /// <summary>Notes where a server is.</summary>
    internal void Know(string name, string host, int port) => _addresses[name] = (host, port);

    /// <summary>Notes the certificate that a server showed; the newest counts.</summary>
    internal void Meet(string name, X509Certificate? certificate)
    {
        if (certificate is X509Certificate2 shown) _servers[name] = shown.NotAfter.ToUniversalTime();
    }

    private static CertificateDuty? Read(string process, CertificateFile file)
    {
        try
        {
            return new($"{process}'s certificate in {file.Path} ({file.Key})", CertificateFiles.Earliest(file));
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }

    // Nothing is sent over this connection, so it need not be believed either.
    private static async Task<DateTimeOffset?> ShownAsync(string host, int port, TimeProvider clock, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var timer = clock.CreateTimer(_ => limit.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            DateTimeOffset? end = null;
            var tls = new SslStream(socket.GetStream());
            await using var closing = tls.ConfigureAwait(false);
            await tls.AuthenticateAsClientAsync(new()
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    if (certificate is X509Certificate2 shown && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
                        end = shown.NotAfter.ToUniversalTime();
                    return end is not null;
                },
            }, limit.Token).ConfigureAwait(false);
            return end;
        }
        catch (Exception away)
            when (away is IOException or SocketException or AuthenticationException or (OperationCanceledException)
                && !stopping.IsCancellationRequested)
        {
            return null;
        }
    }
}
