using Aspire.Hosting.ApplicationModel;
using StackExchange.Redis;

namespace Aspire.Hosting.Tests;

public sealed class ConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_of_this_machine_becomes_healthy_and_its_dependents_get_its_connection_string_and_parts()
    {
        await using var test = new TestApp();
        var redis = RedisServerExecutable.Add(test.Builder, "my-redis");
        test.Builder.AddExecutable("client", "env", ".").WithReference(redis).WaitFor(redis);

        await test.App.StartAsync(Token);
        await test.App.ResourceNotifications.WaitForResourceHealthyAsync("my-redis", Token);
        var connectionString = await redis.Resource.ConnectionStringExpression.GetValueAsync(Token);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString!);

        Assert.True(await connection.GetDatabase().StringSetAsync("key", "value"));
        await test.Console.WaitForAsync("client         finished");
        var variables = test.Console.PrintedBy("client");
        Assert.Contains($"ConnectionStrings__my-redis={connectionString}", variables);
        Assert.Contains("MY_REDIS_HOST=localhost", variables);
        Assert.Contains($"MY_REDIS_PORT={redis.Resource.Endpoint.Port}", variables);
    }

    [Fact]
    public async Task Containers_are_seen_by_name_from_containers_and_by_allocated_port_from_processes()
    {
        await using var test = new TestApp("--ASPIRE_CONTAINER_RUNTIME=no-such-runtime", "--Parameters:redis-password=p,w/d");
        var redis = test.Builder.AddRedis("redis");
        var rabbit = test.Builder.AddRabbitMQ("rabbit", password: test.Builder.AddParameter("broker-password", "a/b", secret: true));
        var container = test.Builder.AddContainer("tool", "tool");
        await test.App.StartAsync(Token);

        var port = redis.Resource.PrimaryEndpoint.Port;
        var expression = redis.Resource.ConnectionStringExpression;
        Assert.Equal($"localhost:{port},password=p,w/d", await expression.GetValueAsync(Token));
        Assert.Equal("redis:6379,password=p,w/d", await expression.GetValueAsync(new() { Caller = container.Resource }, Token));
        Assert.Equal($"redis://:p%2Cw%2Fd@localhost:{port}", await redis.Resource.UriExpression.GetValueAsync(Token));
        Assert.Equal($"amqp://guest:a%2Fb@localhost:{rabbit.Resource.PrimaryEndpoint.Port}", await rabbit.Resource.ConnectionStringExpression.GetValueAsync(Token));
    }

    [Theory]
    [InlineData("4.3", "4.3-management")]
    [InlineData("4.3-alpine", "4.3-management-alpine")]
    [InlineData("alpine", "management-alpine")]
    [InlineData("4.3-management", "4.3-management")]
    [InlineData("odd", null)]
    public void The_management_plugin_is_in_an_image_of_its_own(string tag, string? expected) =>
        Assert.Equal(expected, RabbitMQBuilderExtensions.ManagementTag(tag));

    [Fact]
    public void Braces_in_a_text_stay_as_they_are()
    {
        var expression = ReferenceExpression.Create($"{"{a}"} {{b}}");

        Assert.Equal("{a} {b}", expression.ValueExpression);
    }

    [Fact]
    public void Generated_passwords_keep_their_rules()
    {
        var rule = new GenerateParameterDefault { MinLength = 30, Special = false, MinNumeric = 28 };

        var password = rule.GetDefaultValue();

        Assert.Equal(30, password.Length);
        Assert.True(password.All(char.IsAsciiLetterOrDigit));
        Assert.True(password.Count(char.IsAsciiDigit) >= 28);
        Assert.NotEqual(password, rule.GetDefaultValue());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a--b")]
    [InlineData("a_b")]
    [InlineData("end-")]
    public async Task Names_that_cannot_become_host_names_are_refused(string name)
    {
        await using var test = new TestApp();

        Assert.ThrowsAny<ArgumentException>(() => test.Builder.AddExecutable(name, "true", "."));
    }

    [Fact]
    public async Task Names_are_unique_whatever_the_case()
    {
        await using var test = new TestApp();
        test.Builder.AddExecutable("one", "true", ".");

        Assert.Throws<DistributedApplicationException>(() => test.Builder.AddExecutable("ONE", "true", "."));
    }
}
