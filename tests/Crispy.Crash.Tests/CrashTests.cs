using System.Globalization;

namespace Crispy.Crash.Tests;

public sealed class CrashTests : IAsyncLifetime
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(3);
    private static readonly string[] Tracks = ["v:0", "a:0"];

    private readonly TempFolder _folder = new();
    private readonly WholeSystem _system = new();
    private readonly Dictionary<string, Dictionary<string, IReadOnlyList<string>>> _sources = [];
    private int _campaigns;

    /// <summary>How many kills at least; 0 is each step once.</summary>
    private static int Wanted =>
        int.TryParse(Environment.GetEnvironmentVariable("CRISPY_CRASHES"), NumberStyles.None, CultureInfo.InvariantCulture, out var kills)
        ? kills
        : 0;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CRISPY_CRASH_SEED"), NumberStyles.None,
        CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    public async ValueTask InitializeAsync() => await Task.WhenAll(_system.StartServersAsync(), MakeSourcesAsync());

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_matter_what_dies_at_which_step_every_packet_is_stored_once_and_logged_once()
    {
        var steps = new Steps(Seed);
        var hostile = new HostileBroker(_system, steps);
        Print($"seed {Seed} (CRISPY_CRASH_SEED)");
        while (steps.Total < Wanted || steps.Missing.Count > 0)
        {
            var streams = NewStreams();
            await new Campaign(_system, steps, Wanted, hostile).RunAsync();
            await AssertNothingDiffersAsync(streams);
            Print($"campaign {_campaigns}: {steps.Total} kills so far, 0 differences");
            Assert.True(_campaigns < 20 + Wanted / 4, $"nothing dies at {string.Join(", ", steps.Missing)}");
        }
        Print($"{steps.Total} kills, 0 differences\n{steps}\nfrom the broker: {hostile.Done}");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_wiped_broker_and_a_wiped_redis_are_recovered_from_the_spool_alone(bool broker, bool redis)
    {
        var streams = NewStreams();
        await _system.StreamHandle.StartAsync();
        // Everything is published and nothing uploaded when the servers go.
        await Until.TrueAsync(async () => await _system.StatusAsync() is { } status
            && status["streams"]!.AsArray().All(stream => (string?)stream!["state"] == "ended"));
        foreach (var worker in _system.Workers) await worker.StartAsync("message-taken:3");
        await Until.TrueAsync(() => _system.Workers.All(worker => !worker.IsRunning));

        if (broker)
        {
            await _system.Rabbit.KillAsync();
            _system.Rabbit.Wipe();
            await _system.Rabbit.StartAsync();
        }
        if (redis)
        {
            await _system.Redis.StopAsync();
            await _system.Redis.StartAsync();
        }
        foreach (var worker in _system.Workers) await worker.StartAsync();

        await AssertNothingDiffersAsync(streams);
    }

    private async Task MakeSourcesAsync()
    {
        (string Name, TestVideoOptions Options)[] clips =
        [
            ("a.mp4", new() { Size = "320x180", Seconds = 60, Gop = 15, BFrames = 2, Audio = "aac" }),
            ("b.mkv", new() { Size = "160x120", Seconds = 60, Gop = 12, Fps = "25", Audio = "aac" }),
        ];
        foreach (var (name, options) in clips)
        {
            var path = await TestVideo.CreateAsync(_folder[name], options);
            var packets = new Dictionary<string, IReadOnlyList<string>>();
            foreach (var track in Tracks) packets[track] = await Comparison.PacketsAsync(path, track);
            _sources[path] = packets;
        }
    }

    // Streams of their own for each campaign, so that what it stores can be told from what earlier ones did.
    private List<(string Id, string Source)> NewStreams()
    {
        _campaigns++;
        var streams = _sources.Keys.Select((source, index) => (Id: $"c{_campaigns}-{index}", Source: source)).ToList();
        _system.SetStreams(streams.Select(stream => new Dictionary<string, string>
        {
            ["Id"] = stream.Id,
            ["Url"] = stream.Source,
            ["Window"] = "0.5",
            ["StartTime"] = "2026-01-01T00:00:00Z",
        }));
        return streams;
    }

    private async Task AssertNothingDiffersAsync(List<(string Id, string Source)> streams)
    {
        await _system.DrainAsync(DrainLimit);
        var differences =
            await Task.WhenAll(streams.Select(stream => Comparison.DifferencesAsync(_system, stream.Id, _sources[stream.Source])));
        Assert.True(differences.All(each => each.Count == 0),
            $"{string.Join('\n', differences.SelectMany(each => each))}\n{Tail(_system.StreamHandle.Log)}");
        AssertNothingForeign(streams);
        await _system.StreamHandle.KillAsync();
        foreach (var worker in _system.Workers) await worker.KillAsync();
    }

    // What only a message told of left nothing on the disk, in no journal and in no object.
    private void AssertNothingForeign(List<(string Id, string Source)> streams)
    {
        Assert.Equal(streams.Select(stream => stream.Id).Order(), _system.Spool.Streams()
            .Where(stream => streams.Any(each => each.Id == stream) || stream.StartsWith("ghost", StringComparison.Ordinal)).Order());
        foreach (var (id, _) in streams)
        {
            Assert.Empty(_system.Spool.DeadManifests(id));
            Assert.False(Directory.Exists(_system.Spool.Quarantine(id)), $"{id} has files in quarantine");
        }
        Assert.DoesNotContain(Directory.EnumerateDirectories(_system.BucketFolder, "ghost*"), _ => true);
    }

    private static string Tail(string text) => text.Length > 20_000 ? text[^20_000..] : text;

    private static void Print(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.Error.WriteLine(line);
    }
}
