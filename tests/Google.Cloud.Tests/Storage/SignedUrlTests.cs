using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Crispy.Testing;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;

namespace Google.Cloud.Tests.Storage;

/// <summary>Google's <see cref="UrlSigner"/> signs (V4), and the emulator judges: what was signed opens, and nothing else does.</summary>
public sealed class SignedUrlTests : IAsyncLifetime
{
    private const string Account = "signer@test.iam.gserviceaccount.com";
    private const string Name = "gate/2026/a b+c/ünï#1.mkv";

    private readonly RSA _key = RSA.Create(2048);
    private readonly TempFolder _folder = new();
    private EmulatedBucket _bucket = null!;

    public static TheoryData<string> Objects => [Name, "a", "%2F?&=+", "dot.", "日本.mkv", "a//b/"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder["signer.json"], JsonSerializer.Serialize(new { client_email = Account, public_key = _key.ExportSubjectPublicKeyInfoPem() }), Cancellation);
        _bucket = await EmulatedBucket.StartAsync("--signer", _folder["signer.json"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _bucket.DisposeAsync();
        _folder.Dispose();
        _key.Dispose();
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public async Task A_signed_URL_opens_its_object_whole_and_in_parts(string name)
    {
        await _bucket.StoreAsync(name, [1, 2, 3, 4]);
        var url = await SignAsync(name);
        Assert.Equal([1, 2, 3, 4], await _bucket.Http.GetByteArrayAsync(url, Cancellation));
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new(1, 2) } };
        using var answer = await _bucket.Http.SendAsync(part, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal([2, 3], await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task What_the_answer_shall_say_is_signed_as_well()
    {
        await _bucket.StoreAsync(Name, [1]);
        var url = await SignAsync(Name, request => request.WithQueryParameters(new Dictionary<string, IEnumerable<string>>
        {
            ["response-content-disposition"] = ["attachment; filename=\"a b.mkv\""],
            ["response-content-type"] = ["application/x-test"],
        }));
        using var answer = await _bucket.Http.GetAsync(url, Cancellation);
        Assert.Equal("attachment; filename=\"a b.mkv\"", answer.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal("application/x-test", answer.Content.Headers.ContentType!.MediaType);
        await AssertRefusedAsync(url.Replace("application%2Fx-test", "text%2Fhtml", StringComparison.Ordinal));
        await AssertRefusedAsync(url.Replace("&response-content-type=application%2Fx-test", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_altered_is_refused()
    {
        await _bucket.StoreAsync(Name, [1]);
        await _bucket.StoreAsync("other", [1]);
        var url = await SignAsync(Name);
        var path = new Uri(url).AbsolutePath;
        foreach (var altered in (string[])
        [
            url.Replace(path, $"/{EmulatedBucket.Name}/other", StringComparison.Ordinal),
            url.Replace("X-Goog-Expires=3600", "X-Goog-Expires=3601", StringComparison.Ordinal),
            url.Replace("signer%40", "signes%40", StringComparison.Ordinal),
            url + "&response-content-type=text%2Fhtml",
            url[..^1] + (url[^1] == '0' ? '1' : '0'),
        ])
        {
            Assert.NotEqual(url, altered);
            await AssertRefusedAsync(altered);
        }
        using var delete = await _bucket.Http.DeleteAsync(url, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
        Assert.Equal([1], await _bucket.Http.GetByteArrayAsync(url, Cancellation));
    }

    [Fact]
    public async Task Another_key_of_the_same_name_is_refused()
    {
        await _bucket.StoreAsync(Name, [1]);
        using var other = RSA.Create(2048);
        await AssertRefusedAsync(await SignAsync(Name, by: other));
    }

    [Fact]
    public async Task A_URL_whose_time_is_over_is_refused()
    {
        await _bucket.StoreAsync(Name, [1]);
        var url = await SignAsync(Name, options: UrlSigner.Options.FromDuration(TimeSpan.FromSeconds(1)));
        await Until.TrueAsync(async () =>
        {
            using var answer = await _bucket.Http.GetAsync(url, Cancellation);
            return answer.StatusCode == HttpStatusCode.BadRequest && (await answer.Content.ReadAsStringAsync(Cancellation)).Contains("ExpiredToken", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_host_is_signed_without_its_port()
    {
        await _bucket.StoreAsync(Name, [1]);
        var url = await SignAsync(Name);
        Assert.Equal(_bucket.Address.Port, new Uri(url).Port);
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = "elsewhere.example" } };
        using var refused = await _bucket.Http.SendAsync(elsewhere, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var forwarded = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = $"{_bucket.Address.Host}:1" } };
        using var opened = await _bucket.Http.SendAsync(forwarded, Cancellation);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((7 * 24 * 3600) + 1)]
    public async Task A_url_is_good_for_one_second_to_seven_days(int seconds) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => SignAsync(Name, options: UrlSigner.Options.FromDuration(TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void A_credential_that_cannot_sign_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => UrlSigner.FromCredential(GoogleCredential.FromAccessToken("token")));

    private async Task<string> SignAsync(string name, Func<UrlSigner.RequestTemplate, UrlSigner.RequestTemplate>? change = null, UrlSigner.Options? options = null, RSA? by = null)
    {
        var signer = UrlSigner.FromCredential(new ServiceAccountCredential(new ServiceAccountCredential.Initializer(Account) { Key = by ?? _key }));
        var request = UrlSigner.RequestTemplate.FromBucket(EmulatedBucket.Name).WithObjectName(name).WithHttpMethod(HttpMethod.Get);
        var how = (options ?? UrlSigner.Options.FromDuration(TimeSpan.FromHours(1))).WithSigningVersion(SigningVersion.V4)
            .WithScheme("http").WithHost(_bucket.Address.Host).WithPort(_bucket.Address.Port);
        return await signer.SignAsync(change?.Invoke(request) ?? request, how, Cancellation);
    }

    private async Task AssertRefusedAsync(string url)
    {
        using var answer = await _bucket.Http.GetAsync(url, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
