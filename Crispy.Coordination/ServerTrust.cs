using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>
/// Which certificates of RabbitMQ (<c>amqps://</c>) and Redis (<c>ssl=true</c>) are believed: those that the system trusts,
/// and those of the authorities in
/// <c>Crispy:Tls:CertificateAuthorityFile</c> (PEM). A certificate must always be of the host that the connection string names.
/// </summary>
public sealed class ServerTrust
{
    /// <summary>The configuration's key.</summary>
    public const string Key = "Crispy:Tls:CertificateAuthorityFile";

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2Collection _authorities = [];

    private ServerTrust(IConfiguration configuration) => Certificates = new(configuration);

    /// <summary>Until when the certificates hold.</summary>
    public CertificateEnds Certificates { get; }

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="FormatException">The file cannot be read or holds no certificate; the message names key and file.</exception>
    public static ServerTrust Read(IConfiguration configuration)
    {
        var trust = new ServerTrust(configuration);
        if (configuration[Key] is not { Length: > 0 } file) return trust;
        try
        {
            trust._authorities.ImportFromPemFile(file);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"{Key} is '{file}': {unusable.Message}", unusable);
        }
        return trust._authorities.Count > 0 ? trust : throw new FormatException($"{Key} is '{file}': holds no certificate in PEM");
    }

    /// <summary>Applies it to a connection by <c>amqps://</c>; one by <c>amqp://</c> stays as it is.
    /// To be called after the address is set.</summary>
    public void Apply(ConnectionFactory factory)
    {
        if (!factory.Ssl.Enabled) return;
        // The client would accept any host's certificate after an amqps URI.
        factory.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        factory.Ssl.Version = SslProtocols.None; // What the system allows.
        if (string.IsNullOrEmpty(factory.Ssl.ServerName)) factory.Ssl.ServerName = factory.HostName;
        Certificates.Know("RabbitMQ", factory.HostName, factory.Port > 0 ? factory.Port : 5671);
        factory.Ssl.CertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted("RabbitMQ", certificate, chain, errors);
    }

    /// <summary>Applies it to a connection with <c>ssl=true</c>; one without stays as it is.</summary>
    public void Apply(ConfigurationOptions options)
    {
        if (!options.Ssl) return;
        if (options.EndPoints.FirstOrDefault() is System.Net.DnsEndPoint named)
            Certificates.Know("Redis", named.Host, named.Port > 0 ? named.Port : 6380);
        else if (options.EndPoints.FirstOrDefault() is System.Net.IPEndPoint address)
            Certificates.Know("Redis", address.Address.ToString(), address.Port);
        options.CertificateValidation += (_, certificate, chain, errors) => IsTrusted("Redis", certificate, chain, errors);
    }

    private bool IsTrusted(string name, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // One that is over is refused below, and told of all the same.
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) Certificates.Meet(name, certificate);
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || _authorities.Count == 0 || certificate is not X509Certificate2 server)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // A private authority has no list to ask.
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        return own.Build(server);
    }
}
