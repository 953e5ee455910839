using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>What a person on duty is told while something is away. It has an installation of its own: others need their bucket.</summary>
public sealed class DutyTests(Installation installation, ITestOutputHelper output) : IClassFixture<Installation>
{
    /// <summary>Something that stands still is found by a timeout, on a busy machine late.</summary>
    private const float Patience = 300_000;

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
        await Until.TrueAsync(async () => (await DutyAsync()) is { Level: Level.Good, Bucket.Well: true, Waiting.Chunks: < 10 },
            TimeSpan.FromMinutes(3));
        await opened.Page.GotoAsync(installation.Address.ToString());
        await Assertions.Expect(opened.Tile("gate")).ToHaveAttributeAsync("data-level", "good", new() { Timeout = Patience });
    }

    [Fact]
    public async Task A_bucket_that_is_cut_off_for_three_minutes_is_told_once_when_it_goes_and_once_when_it_is_back_and_costs_no_chunk()
    {
        await using var opened = await installation.OpenAsync("/");
        var (item, tile) = (opened.Page.Locator(".duty-item[data-kind=bucket]"), opened.Tile("gate"));
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "good");
        // Of another outage the end may still be on its way.
        await Until.TrueAsync(() => Told().Count % 2 == 0);
        var (told, cut) = (Told().Count, TimeProvider.System.GetUtcNow());

        await installation.CutBucketOffAsync();
        await Assertions.Expect(item).ToContainTextAsync("The bucket cannot be used since", new() { Timeout = Patience });
        output.WriteLine($"amber after {(TimeProvider.System.GetUtcNow() - cut).TotalSeconds:0.0} s");
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "warning", new() { Timeout = Patience });
        await Assertions.Expect(item).ToHaveAttributeAsync("data-level", "bad", new() { Timeout = Patience });
        output.WriteLine($"red after {(TimeProvider.System.GetUtcNow() - cut).TotalSeconds:0.0} s");
        await Until.TrueAsync(async () => await DutyAsync() is var duty && duty.At - duty.Bucket.Since > TimeSpan.FromMinutes(3),
            TimeSpan.FromMinutes(6));
        var late = await DutyAsync();
        Assert.True(late is { Bucket.Well: false, Level: Level.Bad, Recent: { Lost: 0, Dead: 0 } }, late.Text);
        Assert.True(late.At - late.Waiting.Since > TimeSpan.FromMinutes(2), $"{late.Waiting}");
        await Assertions.Expect(item).ToContainTextAsync($"since {late.Bucket.Since:HH:mm:ss} UTC");
        Assert.Equal("bucket.begin", Assert.Single(Told().Skip(told)).Type);

        await installation.BringBucketBackAsync();
        await Assertions.Expect(item).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Until.TrueAsync(async () => await DutyAsync() is { Level: Level.Good, Bucket.Well: true, Waiting.Chunks: < 10 },
            TimeSpan.FromMinutes(3));
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "good", new() { Timeout = Patience });
        await Until.TrueAsync(() => Told().Count >= told + 2);
        Assert.Equal(["bucket.begin", "bucket.end"], Told().Skip(told).Select(each => each.Type));
        Assert.All(Told(), each => Assert.True(each.IsSignedBy(Installation.WebhookSecret)));
        var account = await installation.GetAsync($"/api/ledger?from={cut:yyyy-MM-ddTHH:mm:ssZ}&to={late.At:yyyy-MM-ddTHH:mm:ssZ}");
        Assert.All(account["streams"]!.AsArray(), stream => Assert.Equal((0, 0, 0, 0),
            ((int)stream!["lost"]!, (int)stream["dead"]!, (int)stream["missing"]!, (int)stream["spooled"]!)));
        Assert.All(account["streams"]!.AsArray(), stream => Assert.True((int)stream!["stored"]! > 100, stream.ToJsonString()));
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

    private List<Notifying.Received> Told() => [.. installation.Webhooks.All.Where(each => each.Key == "bucket")];

    private async Task SignalAsync(string signal, string program)
    {
        var processes = installation.Processes(program);
        Assert.NotEmpty(processes);
        foreach (var process in processes) await Command.RunAsync("kill", "-s", signal, $"{process}");
    }

    private async Task<DutyReport> DutyAsync() =>
        System.Text.Json.JsonSerializer.Deserialize<DutyReport>(await installation.GetAsync("/api/duty"), ApiJson.Options)!;
}
