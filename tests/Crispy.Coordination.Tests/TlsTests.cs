using Crispy.Testing;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;

namespace Crispy.Coordination.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new("localhost");
    private readonly TestCertificates _others = new("localhost");
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _others.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task RabbitMQ_is_believed_by_the_configured_authority_and_only_under_its_own_name()
    {
        await using var rabbit = new RabbitMqServer { Certificates = _certificates };
        await rabbit.StartAsync();
        Assert.StartsWith("amqps://", rabbit.ConnectionString, StringComparison.Ordinal);

        await using (var connection = await ConnectAsync(rabbit.ConnectionString, Trust(_certificates.AuthorityFile)))
            Assert.True(connection.IsOpen);

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString, Trust(_others.AuthorityFile)));
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString, Trust(null)));
        // Another name of the same machine: the certificate is not valid for it.
        await Assert.ThrowsAsync<BrokerUnreachableException>(() =>
            ConnectAsync(rabbit.ConnectionString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal),
                Trust(_certificates.AuthorityFile)));
        await Assert.ThrowsAsync<BrokerUnreachableException>(() =>
            ConnectAsync(rabbit.ConnectionString.Replace("amqps", "amqp", StringComparison.Ordinal), Trust(_certificates.AuthorityFile)));
    }

    [Fact]
    public async Task Redis_is_believed_by_the_configured_authority_and_only_under_its_own_name()
    {
        await using var redis = new RedisServer { Certificates = _certificates };
        await redis.StartAsync();

        await using (var connection =
            await ConnectionMultiplexer.ConnectAsync(Options(redis.ConnectionString, _certificates.AuthorityFile)))
            Assert.True(await connection.GetDatabase().StringSetAsync("a", "b"));

        foreach (var (address, authority) in ((string, string?)[])
            [(redis.ConnectionString, _others.AuthorityFile), (redis.ConnectionString, null),
                (redis.ConnectionString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), _certificates.AuthorityFile)])
        {
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(Options(address, authority)));
        }
    }

    [Fact]
    public async Task The_ends_of_what_lies_in_files_and_of_what_servers_show_are_known()
    {
        using var soon = new TestCertificates("localhost", days: 9);
        await using var redis = new RedisServer { Certificates = soon };
        await redis.StartAsync();
        var trust = Trust(soon.AuthorityFile);
        var options = ConfigurationOptions.Parse(redis.ConnectionString);
        trust.Apply(options);
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(options)) Assert.True(connection.IsConnected);
        var now = TimeProvider.System.GetUtcNow();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(now);
        await trust.Certificates.LookAsync("this", clock, TestContext.Current.CancellationToken);

        var known = trust.Certificates.Known.ToDictionary(each => each.Name, each => each.Ends);
        Assert.InRange(known["The certificate of Redis"], now.AddDays(8.9), now.AddDays(9));
        Assert.InRange(known[$"this's certificate in {soon.AuthorityFile} ({ServerTrust.Key})"], now.AddDays(38.9), now.AddDays(39));
    }

    [Fact]
    public async Task A_server_with_a_new_certificate_is_no_longer_told_of_though_the_connection_lasts()
    {
        using var soon = new TestCertificates("localhost", days: 9);
        await using var redis = new RedisServer { Certificates = soon };
        await redis.StartAsync();
        var trust = Trust(soon.AuthorityFile);
        var options = ConfigurationOptions.Parse(redis.ConnectionString);
        trust.Apply(options);
        options.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await connection.GetServers()[0].ExecuteAsync("CONFIG", "SET", "tls-cert-file", _certificates.CertificateFile,
            "tls-key-file", _certificates.KeyFile);

        await trust.Certificates.LookAsync("this", TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(trust.Certificates.Known.Single(each => each.Name == "The certificate of Redis").Ends > TimeProvider.System.GetUtcNow()
            .AddDays(50));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a certificate")]
    public void A_file_that_holds_no_certificate_is_named_with_its_key(string? content)
    {
        var file = _folder["authorities.crt"];
        if (content is not null) File.WriteAllText(file, content);
        var refused = Assert.Throws<FormatException>(() => Trust(file));
        Assert.StartsWith($"Crispy:Tls:CertificateAuthorityFile is '{file}': ", refused.Message, StringComparison.Ordinal);
    }

    private static ServerTrust Trust(string? authorities) =>
        ServerTrust.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [ServerTrust.Key] = authorities }).Build());

    private static async Task<IConnection> ConnectAsync(string address, ServerTrust trust)
    {
        var factory = new ConnectionFactory { Uri = new(address), AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(30) };
        trust.Apply(factory);
        return await factory.CreateConnectionAsync(TestContext.Current.CancellationToken);
    }

    private static ConfigurationOptions Options(string address, string? authority)
    {
        var options = ConfigurationOptions.Parse(address);
        (options.AbortOnConnectFail, options.ConnectRetry, options.ConnectTimeout) = (true, 1, 30_000);
        Trust(authority).Apply(options);
        return options;
    }
}
