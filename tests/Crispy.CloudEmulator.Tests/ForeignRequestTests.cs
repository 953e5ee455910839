using Crispy.Testing;

namespace Crispy.CloudEmulator.Tests;

/// <summary>What a page of another site makes a browser of this machine send to the emulator, which asks nobody for credentials.</summary>
public sealed class ForeignRequestTests
{
    private const string Upload = "/upload/storage/v1/b/demo/o?uploadType=media&name=x";

    [Fact]
    public async Task A_page_of_another_site_stores_deletes_and_reads_nothing()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("kept", [1, 2, 3]);
        var own = emulator.Uri.Authority;
        foreach (var origin in (string[])["Origin: http://evil.example", "Origin: null",
            $"Origin: http://127.0.0.1:{emulator.Uri.Port + 1}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"])
            foreach (var start in (string[])[$"POST {Upload}", "PUT /demo/x", "DELETE /storage/v1/b/demo/o/kept", "DELETE /demo/kept",
                "PATCH /storage/v1/b/demo/o/kept", "POST /storage/v1/b?project=p",
                "POST /_emulator/faults", "DELETE /_emulator/faults", "DELETE /%5Femulator/faults?GoogleAccessId=x",
                "DELETE /storage/v1/b/demo/o/kept?X-Goog-Signature=00"])
                foreach (var type in (string[])["text/plain", "application/octet-stream", "application/json"])
                {
                    var (status, answer) = await RawHttp.SendAsync(emulator.Uri, start,
                        [$"Host: {own}", $"Content-Type: {type}", "X-HTTP-Method-Override: GET", origin], "{}");
                    Assert.True(status == 403 && answer.Contains("application/problem+json", StringComparison.Ordinal),
                        $"{start} {origin}: {answer}");
                }
        foreach (var host in (string[])["evil.example", $"evil.example:{emulator.Uri.Port}", $"bucket.evil.example:{emulator.Uri.Port}",
            "10.0.0.7", "127.0.0.1.nip.io"])
            foreach (var start in (string[])["GET /storage/v1/b/demo/o", "GET /demo/kept", "GET /_emulator/notifications",
                "GET /health", $"POST {Upload}"])
                Assert.Equal((host, start, 403),
                    (host, start, (await RawHttp.SendAsync(emulator.Uri, start, [$"Host: {host}", $"Origin: http://{host}"], "")).Status));
        // A signature is judged, and this is none.
        Assert.Equal(400,
            (await RawHttp.SendAsync(emulator.Uri, "DELETE /demo/kept?X-Goog-Signature=00",
                ["Host: evil.example", "Origin: http://evil.example"])).Status);
        Assert.Equal(["demo/kept"], emulator.Files());
    }

    [Fact]
    public async Task Clients_and_the_own_page_are_served_under_its_names_with_bodies_of_any_type()
    {
        await using var emulator = await Emulator.StartAsync("--allowed-hosts", "*.storage.example");
        var port = emulator.Uri.Port;
        foreach (var headers in (string[][])[[$"Host: 127.0.0.1:{port}"],
            [$"Host: localhost:{port}", "Content-Type: application/octet-stream"], ["Host: localhost"], [$"Host: bucket:{port}"],
            ["Host: eu.storage.example"],
            [$"Host: LOCALHOST.:{port}", $"Origin: http://localhost.:{port}", "Sec-Fetch-Site: same-origin", "Content-Type: video/mp4"],
            [$"Host: [::1]:{port}"]])
        {
            var (status, answer) = await RawHttp.SendAsync(emulator.Uri, $"POST {Upload}", headers, "bytes");
            Assert.True(status == 200, $"{string.Join(", ", headers)}: {answer}");
            Assert.Equal(200, (await RawHttp.SendAsync(emulator.Uri, "GET /storage/v1/b/demo/o/x?alt=media", headers)).Status);
        }
    }

    [Fact]
    public void Hosts_that_are_none_are_named()
    {
        using var folder = new TempFolder();
        var mistake =
            Assert.Throws<OptionException>(() => EmulatorApp.Create(["--data", folder.Path, "--allowed-hosts", "http://bucket:80"]));
        Assert.Contains("--allowed-hosts 'http://bucket:80' (Emulator:AllowedHosts) must be names of hosts", mistake.Message,
            StringComparison.Ordinal);
    }
}
