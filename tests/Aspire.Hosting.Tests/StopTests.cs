using System.Globalization;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Hosting.Tests;

public sealed class StopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dependents_stop_before_what_they_depend_on()
    {
        await using var test = new TestApp();
        var log = test.PathOf("log");
        string Script(string name) => $"trap 'echo {name} >> {log}; exit 0' TERM; echo up; while :; do sleep 0.05; done";
        var store = test.Builder.AddExecutable("store", "sh", ".", "-c", Script("store")).WithEndpoint(scheme: "tcp");
        var server = test.Builder.AddExecutable("server", "sh", ".", "-c", Script("server")).WithReference(store.GetEndpoint("tcp"));
        test.Builder.AddExecutable("client", "sh", ".", "-c", Script("client")).WaitFor(server);
        await test.App.StartAsync(Token);
        foreach (var name in new[] { "store", "server", "client" }) await test.Console.WaitForAsync($"{name.PadRight(12)} | up");

        await test.App.StopAsync(Token);

        Assert.Equal(["client", "server", "store"], await File.ReadAllLinesAsync(log, Token));
    }

    [Fact]
    public async Task What_does_not_stop_in_time_is_killed_with_its_children()
    {
        await using var test = new TestApp();
        var time = new FakeTimeProvider();
        test.Builder.Services.AddSingleton<TimeProvider>(time);
        test.Builder.AddExecutable("stubborn", "sh", ".", "-c", "trap 'echo no' TERM; sleep 600 & echo child $!; while :; do wait $!; done");
        await test.App.StartAsync(Token);
        var child = LastNumber(await test.Console.WaitForAsync("child "));

        var stopping = test.App.StopAsync(Token);
        await test.Console.WaitForAsync("| no");
        Assert.False(stopping.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.False(stopping.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));
        await stopping;

        Assert.Contains(test.Console.Lines, line => line.EndsWith("killed: it did not end in time", StringComparison.Ordinal));
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task Ctrl_C_at_the_terminal_reaches_the_AppHost_alone_which_stops_the_rest_in_order()
    {
        using var folder = new TempFolder();
        await using var host = await HostProcess.StartAsync(folder["log"]);

        await Command.RunAsync("kill", "-s", "INT", "--", $"-{host.Id}");
        Assert.Equal(0, await host.Ended);

        Assert.Equal(["client TERM", "server TERM"], await File.ReadAllLinesAsync(folder["log"], Token));
        Assert.DoesNotContain(host.Children, IsAlive);
    }

    [Fact]
    public async Task Nothing_survives_an_AppHost_that_is_killed()
    {
        using var folder = new TempFolder();
        await using var host = await HostProcess.StartAsync(folder["log"]);
        Assert.All(host.Children, id => Assert.True(IsAlive(id)));

        await Command.RunAsync("kill", "-s", "KILL", $"{host.Id}");
        await host.Ended;

        await Until.TrueAsync(() => Task.FromResult(!host.Children.Any(IsAlive)));
    }

    [Fact]
    public async Task Disposing_without_stopping_leaves_nothing_behind()
    {
        int child;
        await using (var test = new TestApp())
        {
            test.Builder.AddExecutable("sleeper", "sh", ".", "-c", "trap '' TERM; sleep 600 & echo child $!; wait");
            await test.App.StartAsync(Token);
            child = LastNumber(await test.Console.WaitForAsync("child "));
        }

        Assert.False(IsAlive(child));
    }

    /// <summary>A process that has ended but whose parent has not asked yet is not alive.</summary>
    internal static bool IsAlive(int id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[(status.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    internal static int LastNumber(string line) => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
}
