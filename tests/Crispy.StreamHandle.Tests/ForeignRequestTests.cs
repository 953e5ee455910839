using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Crispy.StreamHandle.Tests;

/// <summary>What a page of another site makes a browser send to a stream-handle that asks for no token.</summary>
public sealed class ForeignRequestTests(Servers servers)
{
    private const string Yard = """{"id":"yard","url":"demo:?size=64x48&fps=5"}""";
    private const string Token = "a-token-of-this-test-alone";

    [Fact]
    public async Task A_page_of_another_site_changes_nothing_no_matter_what_it_sends()
    {
        await using var handle = await Handle().StartAsync();
        var (own, port) = (handle.Address.Authority, handle.Address.Port);
        string[][] origins =
        [
            ["Origin: http://evil.example"], ["Origin: https://evil.example"], [$"Origin: http://127.0.0.1:{port + 1}"],
            ["Origin: http://127.0.0.1"], ["Origin: null"], ["Origin: "],
            [$"Origin: http://localhost:{port}"], [$"Origin: http://{own}.evil.example"], [$"Origin: http://evil.example/http://{own}"],
            [$"Origin: http://{own}@evil.example"], [$"Origin: ftp://{own}"],
            [$"Origin: http://{own}", "Origin: http://evil.example"], [$"Origin: http://{own}, http://evil.example"],
            [$"Origin: http://{own}", "Sec-Fetch-Site: cross-site"],
            ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"], ["Sec-Fetch-Site: unheard-of"],
            ["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"],
            ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"], [$"Origin: http://{own}", "Sec-Fetch-Site: same-site"],
        ];
        string[] types = ["Content-Type: application/json", "Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=x", "X-None: 1"];
        string[] overrides = ["X-None: 2", "X-HTTP-Method-Override: GET", "X-HTTP-Method: GET", "X-Method-Override: OPTIONS"];
        foreach (var origin in origins)
        {
            var type = types[Array.IndexOf(origins, origin) % types.Length];
            var other = overrides[Array.IndexOf(origins, origin) % overrides.Length];
            foreach (var (start, body) in ((string, string?)[])[("POST /api/streams", Yard), ("POST /api/streams/gate/pause", null),
                ("DELETE /api/streams/yard", null), ("PUT /api/streams/yard", Yard),
                ("PATCH /api/streams/yard", """{"name":"x"}"""), ("POST /api/streams/probe", """{"url":"demo:"}"""),
                ("POST /api/dead/replay", "{}"), ("MOVE /api/streams", null)])
            {
                var (status, answer) = await RawHttp.SendAsync(handle.Address, start, [$"Host: {own}", type, other, .. origin], body);
                Assert.True(status == 403 && answer.Contains("application/problem+json", StringComparison.Ordinal),
                    $"{start} {string.Join(", ", origin)}: {answer}");
            }
        }
        Assert.Equal(["gate"], (await handle.StatusAsync()).Streams.Select(stream => stream.Id));
        Assert.True((await handle.StreamAsync("gate")).Enabled);
    }

    [Fact]
    public async Task The_own_page_and_programs_are_served()
    {
        await using var handle = await Handle().StartAsync();
        var port = handle.Address.Port;
        foreach (var headers in (string[][])[[$"Host: 127.0.0.1:{port}", $"Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-origin"],
            [$"Host: LOCALHOST:{port}", $"Origin: http://localhost:{port}"],
            [$"Host: localhost.:{port}", $"Origin: http://localhost.:{port}"], ["Host: localhost", "Origin: http://localhost"],
            ["Host: localhost", "Origin: https://localhost"], ["Host: 127.0.0.1:1"],
            [$"Host: [::1]:{port}", $"Origin: http://[::1]:{port}"], [$"Host: localhost:{port}", "Sec-Fetch-Site: none"], ["Host: "]])
        {
            var (paused, answer) =
                await RawHttp.SendAsync(handle.Address, "POST /api/streams/gate/pause", [.. headers, "Content-Length: 0"]);
            Assert.True(paused == 200, $"{string.Join(", ", headers)}: {answer}");
            Assert.Equal(200, (await RawHttp.SendAsync(handle.Address, "GET /api/status", headers)).Status);
        }
    }

    [Fact]
    public async Task Under_another_name_nothing_is_answered()
    {
        await using var handle = await Handle().StartAsync();
        var port = handle.Address.Port;
        foreach (var host in (string[])["evil.example", $"evil.example:{port}", "EVIL.example.", $"localhost.evil.example:{port}",
            $"127.0.0.1.evil.example:{port}", $"127.0.0.1.nip.io:{port}", $"evil:{port}", "169.254.169.254",
            "10.0.0.7:8080", "0.0.0.0", "2130706433", "127.1", "[fd00::1]", "localhost..", "evil.localhost.example", "*"])
        {
            foreach (var start in (string[])["GET /api/status", "GET /api/streams", "GET /openapi/v1.json", "GET /metrics", "GET /health",
                "HEAD /api/status", "OPTIONS /api/streams", "POST /api/streams/gate/pause", "GET /nothing"])
            {
                var (status, answer) = await RawHttp.SendAsync(handle.Address, start,
                    [$"Host: {host}", $"Origin: http://{host}", "Sec-Fetch-Site: same-origin", "X-Forwarded-Host: localhost",
                        "Forwarded: host=localhost"]);
                Assert.True(status is 400 or 403, $"{start} {host}: {answer}");
            }
        }
        Assert.Equal(400, (await RawHttp.SendAsync(handle.Address, $"GET http://evil.example/api/status", ["Host: localhost"])).Status);
        Assert.Equal(400, (await RawHttp.SendAsync(handle.Address, "GET /api/status", ["Host: localhost", "Host: evil.example"])).Status);
        Assert.True((await handle.StreamAsync("gate")).Enabled);
    }

    [Fact]
    public async Task A_body_must_be_said_to_be_JSON()
    {
        await using var handle = await Handle().StartAsync();
        foreach (var type in (string?[])[null, "", "text/plain", "text/plain; application/json", "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x", "application/jsonx", "text/json", "json", "application/octet-stream"])
        {
            foreach (var start in (string[])["POST /api/streams", "POST /api/streams/probe", "PUT /api/streams/gate",
                "PATCH /api/streams/gate", "POST /api/dead/replay", "POST /api/streams/gate/pause",
                "POST /api/dead/gate/20261122T170844123Z/00000001/discard"])
            {
                var (status, answer) = await RawHttp.SendAsync(handle.Address, start,
                    ["Host: localhost", .. type is null ? (string[])[] : [$"Content-Type: {type}"]], Yard);
                Assert.True(status == 415 && answer.Contains("application/problem+json", StringComparison.Ordinal),
                    $"{start} {type}: {answer}");
            }
        }
        Assert.Equal(415,
            (await RawHttp.SendAsync(handle.Address, "POST /api/streams", ["Host: localhost", "Transfer-Encoding: chunked"], null)).Status);
        Assert.Equal(415, (await RawHttp.SendAsync(handle.Address, "POST /api/streams", ["Host: localhost"], "")).Status);
        Assert.True((await handle.StreamAsync("gate")).Enabled);
        Assert.Equal(201,
            (await RawHttp.SendAsync(handle.Address, "POST /api/streams",
                ["Host: localhost", "Content-Type: Application/JSON; charset=utf-8"], Yard)).Status);
    }

    [Fact]
    public async Task With_the_token_a_request_may_come_from_anywhere_and_hosts_can_be_allowed()
    {
        await using var handle = await Handle().With("Crispy__Api__AllowAnonymous", "").With("Crispy__Api__Token", Token)
            .With("Crispy__Api__AllowedHosts", "cameras.example.org, *.inner.example").StartAsync();
        string[] far = ["Host: stream-handle-0.stream-handle:8080", "Origin: https://elsewhere.example",
            "Sec-Fetch-Site: cross-site", "Content-Length: 0"];
        Assert.Equal(403, (await RawHttp.SendAsync(handle.Address, "POST /api/streams/gate/pause", far)).Status);
        Assert.Equal(403,
            (await RawHttp.SendAsync(handle.Address, "POST /api/streams/gate/pause", [.. far, $"Authorization: Bearer {Token}x"])).Status);
        Assert.Equal(200,
            (await RawHttp.SendAsync(handle.Address, "POST /api/streams/gate/pause", [.. far, $"Authorization: Bearer {Token}"])).Status);
        foreach (var host in (string[])["cameras.example.org", "Cameras.Example.Org:443", "one.inner.example", "localhost"])
            Assert.Equal((host, 401), (host, (await RawHttp.SendAsync(handle.Address, "GET /api/status", [$"Host: {host}"])).Status));
        foreach (var host in (string[])["inner.example", "xinner.example", "cameras.example.org.evil.example"])
            Assert.Equal((host, 403), (host, (await RawHttp.SendAsync(handle.Address, "GET /api/status", [$"Host: {host}"])).Status));
    }

    [Fact]
    public async Task Health_is_one_word_without_a_token()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "rtsp://viewer:hunter2@127.0.0.1:9/live" }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "it is away");
        foreach (var path in (string[])["/health", "/alive", "/health/", "/HEALTH"])
            foreach (var token in (string?[])[null, "Bearer", "Bearer x", "Basic health-of-this-test-alone"])
            {
                using var answer = await handle.GetAsync(path, token);
                Assert.Equal((path, path.Contains("live", StringComparison.Ordinal) ? "Healthy" : "Unhealthy"),
                    (path, await answer.Content.ReadAsStringAsync()));
            }
        using var whole = await handle.HealthAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, whole.StatusCode);
        Assert.Contains(": rtsp://***@127.0.0.1:9/live: Connection refused", await whole.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    private RunningStreamHandle Handle() => new(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?duration=1" });
}

/// <summary>Which hosts are a service's own, by where it listens.</summary>
[Trait("Needs", "nothing")]
public sealed class OwnHostsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", "localhost LOCALHOST:1 localhost. 127.0.0.1:5000 127.9.9.9 [::1]:80",
        "bucket 10.0.0.7 [fd00::1] evil.example evil 0.0.0.0")]
    [InlineData("http://localhost:5000", "localhost 127.0.0.1 [::1]", "bucket 10.0.0.7 evil.example")]
    [InlineData("http://[::]:8080", "localhost bucket stream-handle:8080 10.0.0.7:8080 [fd00::1] 0.0.0.0",
        "evil.example bucket.evil.example a.b 127.1 ..")]
    [InlineData("http://0.0.0.0:8080", "bucket 10.0.0.7", "evil.example")]
    [InlineData("http://10.0.0.7:8080", "10.0.0.7 10.0.0.8 bucket", "evil.example")]
    public void Names_follow_from_where_it_listens(string listens, string own, string others)
    {
        var hosts = Hosts(listens, null);
        Assert.All(own.Split(' '), host => Assert.True(hosts.Has(new HostString(host)), host));
        Assert.All(others.Split(' '), host => Assert.False(hosts.Has(new HostString(host)), host));
    }

    [Theory]
    [InlineData("a.example", "a.example A.EXAMPLE.:7", "b.a.example example")]
    [InlineData("*.a.example; [fd00::7]", "b.a.example c.b.a.example [fd00::7]", "a.example xa.example [fd00::8]")]
    [InlineData("*", "anything.example 10.0.0.7", "")]
    [InlineData("", "localhost", "a.example")]
    public void Further_names_are_allowed_by_the_setting(string setting, string own, string others)
    {
        var hosts = Hosts("http://127.0.0.1:5000", setting);
        Assert.All(own.Split(' '), host => Assert.True(hosts.Has(new HostString(host)), host));
        Assert.All(others.Split(' ', StringSplitOptions.RemoveEmptyEntries), host => Assert.False(hosts.Has(new HostString(host)), host));
    }

    [Theory]
    [InlineData("http://a.example")]
    [InlineData("a.example:80")]
    [InlineData("a b")]
    [InlineData("a.*.example")]
    [InlineData("user@a")]
    public void A_setting_that_names_no_hosts_is_refused(string setting) => Assert.Null(OwnHosts.Parse(setting));

    [Fact]
    public void The_name_of_the_address_on_which_it_is_to_listen_is_its_own() =>
        Assert.True(Hosts("http://[::]:8080", null, "http://cameras.example.org:8080").Has(new("cameras.example.org", 8080)));

    private static OwnHosts Hosts(string listens, string? setting, string urls = "")
    {
        var services = new ServiceCollection().AddSingleton<IServer>(new Listening(listens))
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("urls", urls)]).Build())
            .BuildServiceProvider();
        return OwnHosts.Of(services, OwnHosts.Parse(setting)!);
    }

    private sealed class Listening : IServer, IServerAddressesFeature
    {
        public Listening(string address)
        {
            Addresses.Add(address);
            Features.Set<IServerAddressesFeature>(this);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public ICollection<string> Addresses { get; } = [];

        public bool PreferHostingUrls { get; set; }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
