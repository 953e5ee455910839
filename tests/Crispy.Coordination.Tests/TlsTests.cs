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

        await using (var connection = await ConnectAsync(rabbit.ConnectionString, Trust(_certificates.AuthorityFile))) Assert.True(connection.IsOpen);

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString, Trust(_others.AuthorityFile)));
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString, Trust(null)));
        // Another name of the same machine: the certificate is not valid for it.
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), Trust(_certificates.AuthorityFile)));
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(rabbit.ConnectionString.Replace("amqps", "amqp", StringComparison.Ordinal), Trust(_certificates.AuthorityFile)));
    }

    [Fact]
    public async Task Redis_is_believed_by_the_configured_authority_and_only_under_its_own_name()
    {
        await using var redis = new RedisServer { Certificates = _certificates };
        await redis.StartAsync();

        await using (var connection = await ConnectionMultiplexer.ConnectAsync(Options(redis.ConnectionString, _certificates.AuthorityFile)))
            Assert.True(await connection.GetDatabase().StringSetAsync("a", "b"));

        foreach (var (address, authority) in ((string, string?)[])
            [(redis.ConnectionString, _others.AuthorityFile), (redis.ConnectionString, null), (redis.ConnectionString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), _certificates.AuthorityFile)])
        {
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(Options(address, authority)));
        }
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
        ServerTrust.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [ServerTrust.Key] = authorities }).Build());

    private static async Task<IConnection> ConnectAsync(string address, ServerTrust trust)
    {
        var factory = new ConnectionFactory { Uri = new(address), AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = TimeSpan.FromSeconds(30) };
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
