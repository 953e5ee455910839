using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Signing;
using Crispy.Testing;

namespace Crispy.CloudEmulator.Tests;

public sealed class SignedUrlTests : IDisposable
{
    private const string Account = "signer@test.iam.gserviceaccount.com";

    private readonly RSA _key = RSA.Create(2048);
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_valid_URL_opens_the_object()
    {
        await using var emulator = await StartAsync();
        using var put =
            new HttpRequestMessage(HttpMethod.Put, Sign(emulator, "PUT", "/demo/a%20b/c.bin", headers: [("x-goog-meta-k", "some  value")]));
        put.Headers.Add("x-goog-meta-k", "some  value");
        put.Content = new ByteArrayContent([1, 2, 3]);
        using var stored = await emulator.Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        Assert.Equal([1, 2, 3], await emulator.Client.GetByteArrayAsync(Sign(emulator, "GET", "/demo/a%20b/c.bin")));
        using var shown = await emulator.Client.GetAsync(
            Sign(emulator, "GET", "/demo/a%20b/c.bin", query: "&response-content-disposition=attachment%3B%20filename%3D%22x%22"));
        Assert.Equal("attachment; filename=\"x\"", shown.Content.Headers.ContentDisposition!.ToString());
        using var head = await emulator.Client.SendAsync(new(HttpMethod.Head, Sign(emulator, "HEAD", "/demo/a%20b/c.bin")));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        using var deleted = await emulator.Client.DeleteAsync(Sign(emulator, "DELETE", "/demo/a%20b/c.bin"));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task An_expired_URL_says_so()
    {
        await using var emulator = await StartAsync();
        using var response = await emulator.Client.GetAsync(
            Sign(emulator, "GET", "/demo/a", signed: TimeProvider.System.GetUtcNow().AddHours(-1), seconds: 60));
        await AssertErrorAsync(response, HttpStatusCode.BadRequest, "ExpiredToken");
    }

    [Fact]
    public async Task A_URL_from_the_future_is_refused()
    {
        await using var emulator = await StartAsync();
        using var response =
            await emulator.Client.GetAsync(Sign(emulator, "GET", "/demo/a", signed: TimeProvider.System.GetUtcNow().AddHours(1)));
        await AssertErrorAsync(response, HttpStatusCode.Forbidden, "RequestTimeTooSkewed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(604801)]
    public async Task A_life_outside_one_second_to_seven_days_is_refused(int seconds)
    {
        await using var emulator = await StartAsync();
        using var response = await emulator.Client.GetAsync(Sign(emulator, "GET", "/demo/a", seconds: seconds));
        await AssertErrorAsync(response, HttpStatusCode.BadRequest, "InvalidArgument");
    }

    [Fact]
    public async Task A_URL_for_something_else_is_refused()
    {
        await using var emulator = await StartAsync();
        await emulator.StoreAsync("a", [1]);
        await emulator.StoreAsync("b", [1]);
        var url = Sign(emulator, "GET", "/demo/a");
        foreach (var altered in (string[])[url.Replace("/demo/a", "/demo/b"), url + "&extra=1",
            url.Replace("X-Goog-Expires=600", "X-Goog-Expires=601"), url[..^2] + "zz"])
        {
            using var response = await emulator.Client.GetAsync(altered);
            await AssertErrorAsync(response, HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
        }
        using var delete = await emulator.Client.DeleteAsync(url);
        await AssertErrorAsync(delete, HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
        using var host = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = "elsewhere.example" } };
        using var elsewhere = await emulator.Client.SendAsync(host);
        await AssertErrorAsync(elsewhere, HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task A_signed_header_must_come_and_be_the_same()
    {
        await using var emulator = await StartAsync();
        await emulator.StoreAsync("a", [1]);
        var url = Sign(emulator, "GET", "/demo/a", headers: [("x-goog-test", "1")]);
        using var missing = await emulator.Client.GetAsync(url);
        await AssertErrorAsync(missing, HttpStatusCode.BadRequest, "MalformedSecurityHeader");
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("x-goog-test", "2");
        using var other = await emulator.Client.SendAsync(request);
        await AssertErrorAsync(other, HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task A_signer_file_may_come_after_the_start()
    {
        await using var emulator = await Emulator.StartAsync("--signer", _folder["later.json"]);
        await emulator.StoreAsync("a", [1]);
        using var before = await emulator.Client.GetAsync(Sign(emulator, "GET", "/demo/a"));
        Assert.Equal(HttpStatusCode.Forbidden, before.StatusCode);
        await File.WriteAllTextAsync(_folder["later.json"],
            JsonSerializer.Serialize(
                new { type = "service_account", client_email = Account, private_key = _key.ExportPkcs8PrivateKeyPem() }));
        Assert.Equal([1], await emulator.Client.GetByteArrayAsync(Sign(emulator, "GET", "/demo/a")));
    }

    private async Task<Emulator> StartAsync()
    {
        await File.WriteAllTextAsync(_folder["signer.json"],
            JsonSerializer.Serialize(new { client_email = Account, public_key = _key.ExportSubjectPublicKeyInfoPem() }));
        return await Emulator.StartAsync("--signer", _folder["signer.json"]);
    }

    // Written from the service's description of the signing process, on its own: not with the code under test.
    private string Sign(Emulator emulator, string method, string path, DateTimeOffset? signed = null, int seconds = 600, string query = "",
        (string Name, string Value)[]? headers = null)
    {
        var at = signed ?? TimeProvider.System.GetUtcNow();
        var date = $"{at.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";
        var scope = $"{date[..8]}/auto/storage/goog4_request";
        var names = string.Join(';', (headers ?? []).Select(header => header.Name).Prepend("host"));
        var unsigned =
            $"X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential={Uri.EscapeDataString($"{Account}/{scope}")}&X-Goog-Date={date}"
                + $"&X-Goog-Expires={seconds}&X-Goog-SignedHeaders={Uri.EscapeDataString(names)}{query}";
        var lines = string.Concat((headers ?? []).Select(header => $"{header.Name}:{header.Value.Replace("  ", " ")}\n")
            .Prepend($"host:{emulator.Uri.Host}\n"));
        var canonical = $"{method}\n{path}\n{unsigned}\n{lines}\n{names}\nUNSIGNED-PAYLOAD";
        var text = $"GOOG4-RSA-SHA256\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature =
            Convert.ToHexStringLower(_key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return $"{path}?{unsigned}&X-Goog-Signature={signature}";
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.Contains($"<Code>{code}</Code>", body);
        Assert.Equal(status, response.StatusCode);
    }
}
