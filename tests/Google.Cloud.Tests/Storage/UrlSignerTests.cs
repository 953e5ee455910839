using System.Security.Cryptography;
using System.Text;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;

namespace Google.Cloud.Tests.Storage;

public sealed class UrlSignerTests
{
    [Fact]
    public async Task A_service_account_signs_with_its_own_key()
    {
        using var key = RSA.Create(2048);
        var credential = new ServiceAccountCredential(new ServiceAccountCredential.Initializer("someone@project.example") { Key = key });
        var options = UrlSigner.Options.FromDuration(TimeSpan.FromHours(1)).WithSigningVersion(SigningVersion.V4).WithScheme("http").WithHost("127.0.0.1").WithPort(4443);
        var request = UrlSigner.RequestTemplate.FromBucket("b").WithObjectName("gate/a b.mkv").WithHttpMethod(HttpMethod.Get);
        var url = new Uri(await UrlSigner.FromCredential(credential).SignAsync(request, options, TestContext.Current.CancellationToken));

        Assert.Equal("http://127.0.0.1:4443/b/gate/a%20b.mkv", url.GetLeftPart(UriPartial.Path));
        var query = url.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal("3600", query["X-Goog-Expires"]);
        Assert.StartsWith("someone%40project.example%2F", query["X-Goog-Credential"], StringComparison.Ordinal);
        var canonicalQuery = url.Query[1..url.Query.IndexOf("&X-Goog-Signature=", StringComparison.Ordinal)];
        var canonical = $"GET\n{url.AbsolutePath}\n{canonicalQuery}\nhost:127.0.0.1\n\nhost\nUNSIGNED-PAYLOAD";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var date = query["X-Goog-Date"];
        var toSign = $"GOOG4-RSA-SHA256\n{date}\n{date[..8]}/auto/storage/goog4_request\n{hash}";
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes(toSign), Convert.FromHexString(query["X-Goog-Signature"]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7 * 24 * 3600 + 1)]
    public async Task A_url_is_good_for_one_second_to_seven_days(int seconds)
    {
        using var key = RSA.Create(2048);
        var signer = UrlSigner.FromCredential(new ServiceAccountCredential(new ServiceAccountCredential.Initializer("someone@project.example") { Key = key }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => signer.SignAsync(
            UrlSigner.RequestTemplate.FromBucket("b"), UrlSigner.Options.FromDuration(TimeSpan.FromSeconds(seconds)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_credential_that_cannot_sign_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => UrlSigner.FromCredential(GoogleCredential.FromAccessToken("token")));

    [Fact]
    public void Only_http_and_https_are_schemes() =>
        Assert.Throws<ArgumentException>(() => UrlSigner.Options.FromDuration(TimeSpan.FromHours(1)).WithScheme("ftp"));
}
