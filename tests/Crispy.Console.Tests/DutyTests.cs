using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>What a person on duty is told while something is away. It has an installation of its own: others need their bucket.</summary>
public sealed class DutyTests(Installation installation) : IClassFixture<Installation>
{
    /// <summary>Something that stands still is found by a timeout, on a busy machine late.</summary>
    private const float Patience = 180_000;

    [Fact]
    public async Task A_bucket_that_stands_still_is_named_on_every_page_with_what_waits_and_is_forgotten_when_all_is_stored()
    {
        await using var opened = await installation.OpenAsync("/");
        await Assertions.Expect(opened.Tile("gate")).ToHaveAttributeAsync("data-level", "good");
        var item = opened.Page.Locator(".duty-item[data-kind=bucket]");
        await Assertions.Expect(item).ToHaveCountAsync(0);

        await SignalAsync("STOP", "Crispy.CloudEmulator");
        await Assertions.Expect(item).ToContainTextAsync("The bucket cannot be used since", new() { Timeout = Patience });
        await Assertions.Expect(item).ToContainTextAsync("in the spool");
        await Assertions.Expect(opened.Tile("gate")).ToHaveAttributeAsync("data-level", "warning", new() { Timeout = Patience });
        await Assertions.Expect(opened.Tile("gate")).ToContainTextAsync("not stored for");
        await Assertions.Expect(item).ToHaveAttributeAsync("data-level", "bad", new() { Timeout = Patience });
        var duty = await DutyAsync();
        Assert.Equal((false, true), (duty.Bucket.Well, duty.Waiting.Chunks > 0));
        Assert.True(duty.At - duty.Waiting.Since > Condition.LongWait, $"{duty.Waiting}");
        await opened.Page.GotoAsync(new Uri(installation.Address, "/losses").ToString());
        await Assertions.Expect(item).ToBeVisibleAsync();

        await SignalAsync("CONT", "Crispy.CloudEmulator");
        await Assertions.Expect(item).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Until.TrueAsync(async () => (await DutyAsync()) is { Level: Level.Good, Bucket.Well: true, Waiting.Chunks: < 10 }, TimeSpan.FromMinutes(3));
        await opened.Page.GotoAsync(installation.Address.ToString());
        await Assertions.Expect(opened.Tile("gate")).ToHaveAttributeAsync("data-level", "good", new() { Timeout = Patience });
    }

    [Fact]
    public async Task A_broker_that_stands_still_is_named_and_forgotten()
    {
        await using var opened = await installation.OpenAsync("/");
        var item = opened.Page.Locator(".duty-item[data-kind=broker]");
        await Assertions.Expect(item).ToHaveCountAsync(0, new() { Timeout = Patience });
        await SignalAsync("STOP", "beam.smp");
        await Assertions.Expect(item).ToContainTextAsync("RabbitMQ cannot be used since", new() { Timeout = Patience });
        await SignalAsync("CONT", "beam.smp");
        await Assertions.Expect(item).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Until.TrueAsync(async () => (await DutyAsync()) is { Broker.Well: true, Waiting.Chunks: < 10 }, TimeSpan.FromMinutes(3));
    }

    private async Task SignalAsync(string signal, string program)
    {
        var processes = installation.Processes(program);
        Assert.NotEmpty(processes);
        foreach (var process in processes) await Command.RunAsync("kill", "-s", signal, $"{process}");
    }

    private async Task<DutyReport> DutyAsync() =>
        System.Text.Json.JsonSerializer.Deserialize<DutyReport>(await installation.GetAsync("/api/duty"), Recorders.RecorderJson.Options)!;
}
