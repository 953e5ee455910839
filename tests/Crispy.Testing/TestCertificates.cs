using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Crispy.Testing;

/// <summary>A certificate authority and a server's certificate from it, valid for one name, as PEM files that go with the test.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Makes new ones, with keys that exist nowhere else.</summary>
    /// <param name="hostName">The only name of the server that its certificate is valid for.</param>
    /// <param name="days">Days until the server's is over; the authority's lasts longer.</param>
    public TestCertificates(string hostName = "localhost", int days = 60)
    {
        var begin = TimeProvider.System.GetUtcNow().AddHours(-1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a test's authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var authority = request.CreateSelfSigned(begin, begin.AddDays(days + 30));

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest($"CN={hostName}", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(hostName, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(hostName);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = server.Create(authority, begin, begin.AddDays(days), RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, serverKey.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile => _folder["authority.crt"];

    /// <summary>The server's certificate.</summary>
    public string CertificateFile => _folder["server.crt"];

    /// <summary>The server's private key.</summary>
    public string KeyFile => _folder["server.key"];

    /// <inheritdoc />
    public void Dispose() => _folder.Dispose();
}
