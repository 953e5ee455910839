using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace Crispy.Coordination;

/// <summary>A file with certificates that a process is configured with.</summary>
/// <param name="Key">The configuration's key.</param>
/// <param name="Path">The file.</param>
/// <param name="Password">Its password; null for none.</param>
public sealed record CertificateFile(string Key, string Path, string? Password)
{
    /// <inheritdoc />
    public override string ToString() => $"{Key} {Path}"; // Never the password.
}

/// <summary>Finds and reads the files with certificates that a process is configured with.</summary>
public static class CertificateFiles
{
    private const string Client = "Aspire:RabbitMQ:Client:ConnectionFactory:Ssl";

    /// <summary>Kestrel's own, the authorities of RabbitMQ and Redis, and RabbitMQ's client certificate.</summary>
    public static IEnumerable<CertificateFile> Of(IConfiguration configuration)
    {
        var kestrel = configuration.GetSection("Kestrel");
        var sections = kestrel.GetSection("Certificates").GetChildren()
            .Concat(kestrel.GetSection("Endpoints").GetChildren().Select(endpoint => endpoint.GetSection("Certificate")));
        foreach (var section in sections.Where(section => section["Path"] is { Length: > 0 }))
            yield return new(section.Path, section["Path"]!, section["Password"]);
        if (configuration[ServerTrust.Key] is { Length: > 0 } authorities) yield return new(ServerTrust.Key, authorities, null);
        if (configuration[$"{Client}:CertPath"] is { Length: > 0 } client)
            yield return new(Client, client, configuration[$"{Client}:CertPassphrase"]);
    }

    /// <summary>The earliest end of what a file holds, UTC.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificate.</exception>
    public static DateTimeOffset Earliest(CertificateFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(file.Path);
            if (all.Count == 0)
                all.Add(X509Certificate2.GetCertContentType(file.Path) == X509ContentType.Pfx
                    ? X509CertificateLoader.LoadPkcs12FromFile(file.Path, file.Password)
                    : X509CertificateLoader.LoadCertificateFromFile(file.Path));
            return all.Min(certificate => certificate.NotAfter).ToUniversalTime();
        }
        finally
        {
            foreach (var certificate in all) certificate.Dispose();
        }
    }
}
