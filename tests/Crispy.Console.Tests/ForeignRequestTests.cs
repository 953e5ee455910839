using System.Net.Sockets;
using Crispy.Testing;

namespace Crispy.Console.Tests;

/// <summary>What a page of another site makes a browser send to a console that asks for no token, and what is too much.</summary>
public sealed class ForeignRequestTests
{
    [Fact]
    public async Task A_page_of_another_site_changes_nothing_and_opens_no_connection()
    {
        await using var console = await RunningConsole.StartAsync("--Crispy:Api:AllowAnonymous=true");
        var own = console.Address.Authority;
        string[] socket =
            ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
        foreach (var origin in (string[])["Origin: http://evil.example", "Origin: null",
            $"Origin: http://127.0.0.1:{console.Address.Port + 1}", $"Origin: http://localhost:{console.Address.Port}",
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"])
            foreach (var (start, headers) in ((string, string[])[])[("POST /api/streams/gate/pause", []),
                ("POST /api/streams", ["Content-Type: text/plain"]), ("DELETE /api/streams/gate", []),
                ("POST /api/dead/replay", ["Content-Type: application/json"]),
                ("POST /session", ["Content-Type: application/x-www-form-urlencoded"]), ("GET /_blazor?id=x", socket),
                ("GET /_blazor?id=x", []), ("POST /_blazor/negotiate?negotiateVersion=1", []), ("GET /anything", socket)])
            {
                var (status, answer) = await RawHttp.SendAsync(console.Address, start, [$"Host: {own}", origin, .. headers],
                    start.StartsWith("POST", StringComparison.Ordinal) ? "{}" : null);
                Assert.True(status == 403 && answer.Contains("application/problem+json", StringComparison.Ordinal),
                    $"{start} {origin}: {answer}");
            }
        foreach (var host in (string[])["evil.example", $"evil.example:{console.Address.Port}", "console", "127.0.0.1.nip.io"])
            foreach (var start in (string[])["GET /", "GET /api/streams", "GET /api/ledger", "GET /_blazor", "GET /health",
                "GET /css/site.css", "POST /session"])
                Assert.Equal((host, start, 403),
                    (host, start,
                        (await RawHttp.SendAsync(console.Address, start,
                            [$"Host: {host}", $"Origin: http://{host}", "Sec-Fetch-Site: same-origin"])).Status));

        Assert.Equal(200, (await RawHttp.SendAsync(console.Address, "GET /alive", [$"Host: LOCALHOST.:{console.Address.Port}"])).Status);
        Assert.Equal(200,
            (await RawHttp.SendAsync(console.Address, "POST /_blazor/negotiate?negotiateVersion=1",
                [$"Host: {own}", $"Origin: http://{own}", "Sec-Fetch-Site: same-origin"], "")).Status);
        Assert.Equal("Unhealthy",
            (await RawHttp.SendAsync(console.Address, "GET /health", [$"Host: {own}"])).Answer.Split("\r\n\r\n")[1].Split("\r\n")
                .First(line => line.Length > 3));
    }

    [Fact]
    public async Task Bodies_are_JSON_and_not_too_large()
    {
        await using var console = await RunningConsole.StartAsync("--Crispy:Api:AllowAnonymous=true");
        foreach (var type in (string[])["X-None: 1", "Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=x"])
            Assert.Equal((type, 415),
                (type, (await RawHttp.SendAsync(console.Address, "POST /api/streams", ["Host: localhost", type], "{}")).Status));
        Assert.Equal(413,
            (await RawHttp.SendAsync(console.Address, "POST /api/streams", ["Host: localhost", "Content-Type: application/json"],
                new string(' ', 129 * 1024))).Status);
    }

    [Fact]
    public async Task Listeners_are_as_many_as_are_allowed()
    {
        await using var first = new Silent();
        await using var second = new Silent();
        await using var console = await RunningConsole.StartAsync("--Crispy:Api:AllowAnonymous=true",
            $"--Crispy:Console:StreamHandle={first.Address},{second.Address}");
        using var client = new HttpClient { BaseAddress = console.Address };
        await Until.TrueAsync(async () => (await client.GetAsync("/api/streams")).StatusCode == System.Net.HttpStatusCode.BadGateway,
            TimeSpan.FromMinutes(1));
        var listeners = new List<HttpResponseMessage>();
        for (var i = 0; i < Forwarding.MergedEvents.MaxListeners; i++) listeners.Add(await OpenAsync());
        Assert.All(listeners, listener => Assert.Equal(200, (int)listener.StatusCode));
        using (var refused = await OpenAsync()) Assert.Equal(429, (int)refused.StatusCode);
        listeners[0].Dispose();
        await Until.TrueAsync(async () =>
        {
            var again = await OpenAsync();
            listeners.Add(again);
            return again.IsSuccessStatusCode;
        });
        listeners.ForEach(listener => listener.Dispose());

        Task<HttpResponseMessage> OpenAsync() => client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Takes connections and ends them.</summary>
    private sealed class Silent : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(System.Net.IPAddress.Loopback, 0);
        private readonly Task _ending;

        public Silent()
        {
            _listener.Start();
            _ending = EndAsync();
        }

        public string Address => $"http://{_listener.LocalEndpoint}";

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _ending;
        }

        private async Task EndAsync()
        {
            try
            {
                while (true) (await _listener.AcceptTcpClientAsync()).Dispose();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
