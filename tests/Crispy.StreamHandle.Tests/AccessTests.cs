using System.Net;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Api;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Tests;

/// <summary>Who may use stream-handle, what it tells everybody, and that it starts with no secret that others can read.</summary>
public sealed class AccessTests(Servers servers) : IDisposable
{
    private const string Token = "a-token-of-this-test-alone";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_API_needs_its_token_while_health_and_public_keys_are_open()
    {
        using var earlier = new ManifestSigner(SigningKey.NewPrivatePem());
        await using var handle = await Handle().With("Crispy__Api__AllowAnonymous", "false").With("Crispy__Api__Token", Token)
            .With("Crispy__Signing__PublicKeys", earlier.PublicPem).StartAsync();
        Assert.True(handle.IsRunning, handle.Log);

        foreach (var path in (string[])["/api/status", "/api/streams", "/api/streams/gate", "/api/dead", "/API/STATUS", "//api/status",
            "/api/../api/status", "/no/such/thing", "/health/../api/status"])
        {
            foreach (var given in (string?[])[null, "", "Bearer", "Bearer ", $"Bearer {Token}x", $"Bearer {Token[..^1]}",
                $"Basic {Token}", Token])
                Assert.Equal((path, given, HttpStatusCode.Unauthorized), (path, given, await StatusAsync(handle, path, given)));
        }
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await handle.PostAsync("/api/dead/gate/20261122T170844123Z/00000001/replay")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(handle, "/api/status", $"Bearer {Token}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(handle, "/api/status", $"bearer {Token}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(handle, "/api/streams/nobody", $"Bearer {Token}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(handle, "/alive", null));

        using var refused = await handle.GetAsync("/api/status");
        Assert.Equal(("Bearer", "application/problem+json"),
            (refused.Headers.WwwAuthenticate.Single().Scheme, refused.Content.Headers.ContentType?.MediaType));
        Assert.DoesNotContain(Token, handle.Log, StringComparison.Ordinal);

        using var set = await handle.GetAsync("/.well-known/jwks.json");
        Assert.Equal((HttpStatusCode.OK, "application/jwk-set+json"), (set.StatusCode, set.Content.Headers.ContentType?.MediaType));
        using var keys = JsonDocument.Parse(await set.Content.ReadAsStringAsync());
        Assert.Equal([handle.Verifier.KeyIds.Single(), earlier.KeyId],
            keys.RootElement.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!));
    }

    [Fact]
    public async Task Without_a_token_it_does_not_start_and_says_so_in_one_line()
    {
        await using var handle = await Handle().With("Crispy__Api__AllowAnonymous", "").StartAsync();
        Assert.False(handle.IsRunning);
        Assert.Contains("Crispy:Api:Token is missing", Assert.Single(handle.Log.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Crispy__Signing__PrivateKey")]
    [InlineData("Crispy__Api__Token")]
    public async Task A_secret_in_a_file_that_others_can_read_is_refused_in_one_line(string key)
    {
        var file = _folder["secret"];
        File.WriteAllText(file, key == "Crispy__Api__Token" ? Token : SigningKey.NewPrivatePem());
        await Command.RunAsync("chmod", "644", file);
        await using var handle = await Handle().With("Crispy__Api__AllowAnonymous", key == "Crispy__Api__Token" ? "" : "true")
            .With("Crispy__Signing__PrivateKey", key == "Crispy__Api__Token" ? SigningKey.NewPrivatePem() : "")
            .With($"{key}File", file).StartAsync();
        Assert.False(handle.IsRunning);
        var line = Assert.Single(handle.Log.TrimEnd().Split('\n'));
        Assert.Contains(
            $"{key.Replace("__", ":", StringComparison.Ordinal)}File is '{file}': can be read or changed by others (mode 0644): "
                + $"chmod 600 it", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_in_private_files_are_taken()
    {
        var pem = SigningKey.NewPrivatePem();
        foreach (var (name, text) in ((string, string)[])[("key", pem), ("token", Token + "\n")])
        {
            File.WriteAllText(_folder[name], text);
            await Command.RunAsync("chmod", "600", _folder[name]);
        }
        await using var handle = await Handle().With("Crispy__Signing__PrivateKey", "")
            .With("Crispy__Signing__PrivateKeyFile", _folder["key"])
            .With("Crispy__Api__AllowAnonymous", "").With("Crispy__Api__TokenFile", _folder["token"]).StartAsync();
        Assert.True(handle.IsRunning, handle.Log);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(handle, "/api/status", $"Bearer {Token}"));
    }

    [Fact]
    public async Task Paths_in_requests_lead_nowhere_outside_the_spool()
    {
        await using var handle = await Handle().StartAsync();
        File.WriteAllText(_folder["20261122T170844123Z-00000001.json"], "{}");
        foreach (var path in (string[])["/api/dead/..%2F..%2Fetc%2Fpasswd", "/api/dead/..%2F20261122T170844123Z%2F00000001",
            "/api/dead/%2e%2e/20261122T170844123Z/00000001",
            "/api/dead/gate/..%2F..%2F..%2Fx/00000001", "/api/dead/gate/20261122T170844123Z/..%2F0000001",
            "/api/streams/..%2F..%2Fetc%2Fpasswd", "/api/dead/gate%00/20261122T170844123Z/00000001"])
        {
            using var read = await handle.GetAsync(path);
            using var replay = await handle.PostAsync($"{path}/replay");
            Assert.Equal((path, true, true),
                (path, read.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
                    replay.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed));
            Assert.DoesNotContain("root:", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using var listed = await handle.GetAsync("/api/dead?stream=..%2F..");
        Assert.Equal(HttpStatusCode.BadRequest, listed.StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_huge_is_refused_and_the_process_lives()
    {
        await using var handle = await Handle().StartAsync();
        using var query = await handle.GetAsync($"/api/dead?stream={new string('a', 100_000)}");
        using var name = await handle.GetAsync($"/api/streams/{new string('a', 5_000)}");
        Assert.Equal((HttpStatusCode.RequestUriTooLong, HttpStatusCode.NotFound), (query.StatusCode, name.StatusCode));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(handle, "/alive", null));
    }

    [Fact]
    public async Task Chunks_flow_over_TLS_to_RabbitMQ_and_Redis()
    {
        using var certificates = new TestCertificates();
        await using var rabbit = new RabbitMqServer { Certificates = certificates };
        await using var redis = new RedisServer { Certificates = certificates };
        await Task.WhenAll(rabbit.StartAsync(), redis.StartAsync());
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?duration=2", ["Window"] = "1" })
            .With("ConnectionStrings__rabbitmq", rabbit.ConnectionString).With("ConnectionStrings__redis", redis.ConnectionString)
            .With("Crispy__Tls__CertificateAuthorityFile", certificates.AuthorityFile).StartAsync();

        await Until.TrueAsync(async () => (await handle.StatusAsync()) is { Broker: null, Captured.Chunks: > 0 }, what: handle.Log);
        using var client = await ConnectionMultiplexer.ConnectAsync(Options(redis.ConnectionString, certificates));
        var chunk = handle.Ready("gate")[0].Manifest.Chunk;
        await Until.TrueAsync(async () => await client.GetDatabase()
            .HashGetAsync($"crispy:chunk:{chunk}", "state") == "queued", what: handle.Log);
    }

    private static ConfigurationOptions Options(string address, TestCertificates certificates)
    {
        var options = ConfigurationOptions.Parse(address);
        options.TrustIssuer(certificates.AuthorityFile);
        return options;
    }

    private RunningStreamHandle Handle() => new(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?duration=1" });

    private static async Task<HttpStatusCode> StatusAsync(RunningStreamHandle handle, string path, string? authorization)
    {
        using var answer = await handle.GetAsync(path, authorization);
        return answer.StatusCode;
    }
}

[Trait("Needs", "nothing")]
public sealed class AccessSettingsTests
{
    private const string OutsideApi = "/";

    private static readonly string Key = SigningKey.NewPrivatePem();

    [Theory]
    [InlineData("Token", "short")]
    [InlineData("Token", "a token with spaces in it")]
    [InlineData("TokenFile", "/no/such/file")]
    [InlineData("AllowAnonymous", "perhaps")]
    [InlineData("Tokn", "a-token-of-this-test-alone")]
    public void A_bad_value_is_named_and_a_token_never_repeated(string key, string value)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Read(("AllowAnonymous", null), (key, value)));
        Assert.Contains(refused.Failures, mistake => mistake.StartsWith($"Crispy:Api:{key} ", StringComparison.Ordinal));
        if (key == "Token") Assert.DoesNotContain(value, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_and_anonymity_exclude_each_other() =>
        Assert.Contains("is given together with a token", Assert.Throws<OptionsValidationException>(() =>
            Read(("AllowAnonymous", "true"), ("Token", "a-token-of-this-test-alone"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_never_show_their_secrets_as_text()
    {
        var settings = Read(("AllowAnonymous", null), ("Token", "a-token-of-this-test-alone"));
        Assert.DoesNotContain("a-token-of-this-test-alone", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", settings.ToString(), StringComparison.Ordinal);
        Assert.Equal("by token", new ApiAccess("a-token-of-this-test-alone").ToString());
    }

    [Theory]
    [InlineData("../etc")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("gate\r\nX-Injected: 1")]
    [InlineData("gate\0")]
    public void A_stream_id_cannot_be_a_path_or_a_header(string id)
    {
        Assert.Single(Read(("AllowAnonymous", "true")).Streams);
        Assert.Throws<OptionsValidationException>(() => Read(("AllowAnonymous", "true"), (OutsideApi + "Streams:0:Id", id)));
    }

    private static Settings Read(params (string Key, string? Value)[] pairs)
    {
        var values = new Dictionary<string, string?> { ["Crispy:Spool:Path"] = "/tmp/x", ["Crispy:Signing:PrivateKey"] = Key,
            ["Crispy:Streams:0:Id"] = "gate", ["Crispy:Streams:0:Url"] = "demo:" };
        foreach (var (key, value) in pairs)
            values[key.StartsWith(OutsideApi, StringComparison.Ordinal) ? $"Crispy:{key[OutsideApi.Length..]}" : $"Crispy:Api:{key}"] =
                value;
        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
