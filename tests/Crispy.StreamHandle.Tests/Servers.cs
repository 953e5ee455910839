[assembly: AssemblyFixture(typeof(Crispy.StreamHandle.Tests.Servers))]

// Most tests wait for processes of their own; more than two at once would only wait for each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]

namespace Crispy.StreamHandle.Tests;

/// <summary>The broker and the Redis of all tests; each test has a spool name of its own, and so a queue.</summary>
public sealed class Servers : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _others = [];

    public RabbitMqServer Rabbit { get; } = new();

    public RedisServer Redis { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (!FastRun.IsOne) await Task.WhenAll(Rabbit.StartAsync(), Redis.StartAsync());
    }

    /// <summary>Lets what several tests share end with the servers.</summary>
    public void EndWith(IAsyncDisposable other) => _others.Add(other);

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others) await other.DisposeAsync();
        await Rabbit.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
