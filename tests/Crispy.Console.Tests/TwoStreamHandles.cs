using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Crispy.Testing;

namespace Crispy.Console.Tests;

/// <summary>Two stream-handles behind a console that heard of both.</summary>
internal sealed class TwoStreamHandles(AnsweringStreamHandle first, AnsweringStreamHandle second, RunningConsole console) : IAsyncDisposable
{
    /// <summary>The console's own, for its stream-handles and for who asks it.</summary>
    public const string Token = "a-token-of-this-test-alone";

    /// <summary>Dead chunks of beta, which was recorded by the first before.</summary>
    public const string Early = "beta/20261122T170844123Z/00000042", Late = "beta/20261123T170844123Z/00000001";

    public AnsweringStreamHandle First => first;

    public AnsweringStreamHandle Second => second;

    public HttpClient Client { get; } =
        new() { BaseAddress = console.Address, DefaultRequestHeaders = { Authorization = new("Bearer", Token) } };

    public static async Task<TwoStreamHandles> StartAsync()
    {
        var first = await AnsweringStreamHandle.StartAsync("alpha", "gamma");
        var second = await AnsweringStreamHandle.StartAsync("beta");
        first.Dead.Add(Early);
        second.Dead.Add(Late);
        var several = new TwoStreamHandles(first, second, await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}",
            $"--Crispy:Console:StreamHandle={first.Address},{second.Address}"));
        try
        {
            await Until.TrueAsync(several.IsWellAsync);
        }
        catch
        {
            await several.DisposeAsync();
            throw;
        }
        return several;
    }

    /// <summary>Green once every stream-handle was heard.</summary>
    public async Task<bool> IsWellAsync()
    {
        using var health = await Client.GetAsync("/health", TestContext.Current.CancellationToken);
        return health.IsSuccessStatusCode;
    }

    public async Task<JsonNode> GetAsync(string path) =>
        (await Client.GetFromJsonAsync<JsonNode>(path, TestContext.Current.CancellationToken))!;

    /// <summary>The token is the console's own, and a person's cookie stays here.</summary>
    public void AssertOwnToken()
    {
        lock (first.Headers)
            lock (second.Headers)
                Assert.All(first.Headers.Concat(second.Headers), header => Assert.Equal($"Bearer {Token}", header));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await console.DisposeAsync();
        await second.DisposeAsync();
        await first.DisposeAsync();
    }
}
