using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Console.Tests;

/// <summary>Several stream-handles behind one console. Real ones hold a broker, a Redis and a spool each. What is looked at here is who is
/// asked, with what, and what becomes of the answers.</summary>
public sealed class ForwardingTests
{
    private const string Token = TwoStreamHandles.Token;

    [Fact]
    public async Task Lists_of_several_stream_handles_are_one()
    {
        await using var several = await TwoStreamHandles.StartAsync();
        var page = await several.GetAsync("/api/streams?limit=2");
        Assert.Equal(["alpha", "beta"], page["items"]!.AsArray().Select(item => (string?)item!["id"]));
        Assert.Equal(("beta", 3, false), ((string?)page["next"], (int)page["total"]!, page.AsObject().ContainsKey("away")));
        var status = await several.GetAsync("/api/status");
        Assert.Equal((3, 7), (status["streams"]!.AsArray().Count, (int)status["spooled"]!));
        several.AssertOwnToken();
    }

    [Fact]
    public async Task Each_stream_is_steered_where_it_is_and_a_dead_chunk_asked_for_where_it_lies()
    {
        await using var several = await TwoStreamHandles.StartAsync();
        var client = several.Client;
        using (var paused = await client.PostAsync("/api/streams/beta/pause", null, TestContext.Current.CancellationToken))
            Assert.True(paused.IsSuccessStatusCode);
        Assert.Empty(several.First.Posts);
        Assert.Equal(["/api/streams/beta/pause"], several.Second.Posts);
        // A new stream goes to who has the fewest.
        using (var made = await client.PostAsJsonAsync("/api/streams", new { id = "delta" }, TestContext.Current.CancellationToken))
            Assert.True(made.IsSuccessStatusCode);
        Assert.Equal(["/api/streams/beta/pause", "/api/streams"], several.Second.Posts);
        foreach (var chunk in new[] { TwoStreamHandles.Early, Uri.EscapeDataString(TwoStreamHandles.Early), TwoStreamHandles.Late })
            Assert.Equal(Uri.UnescapeDataString(chunk), (string?)(await several.GetAsync($"/api/dead/{chunk}"))["chunk"]);
        using (var unknown = await client.GetAsync("/api/dead/beta/20261122T170844123Z/00000043", TestContext.Current.CancellationToken))
            Assert.Equal(404, (int)unknown.StatusCode);
        using (var replayed = await client.PostAsJsonAsync("/api/dead/replay",
            new { chunks = new[] { TwoStreamHandles.Early, TwoStreamHandles.Late, "junk" } }, TestContext.Current.CancellationToken))
        {
            var results =
                (await replayed.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["results"]!.AsArray();
            Assert.Equal([(TwoStreamHandles.Early, true), (TwoStreamHandles.Late, true), ("junk", false)],
                results.Select(result => ((string)result!["chunk"]!, (bool)result["ok"]!)));
        }
        several.AssertOwnToken();
    }

    [Fact]
    public async Task A_list_is_of_those_that_answer_and_names_who_is_away()
    {
        await using var several = await TwoStreamHandles.StartAsync();
        await several.First.StopAsync();
        await Until.TrueAsync(async () => !await several.IsWellAsync());
        foreach (var path in new[] { "/api/streams", "/api/dead", "/api/status" })
        {
            var half = await several.GetAsync(path);
            var item = Assert.Single((half["items"] ?? half["streams"])!.AsArray())!;
            Assert.Equal(path == "/api/dead" ? TwoStreamHandles.Late : "beta", (string?)(item["chunk"] ?? item["id"]));
            var away = Assert.Single(half["away"]!.AsArray())!;
            Assert.Equal(several.First.Address, (string?)away["address"]);
            Assert.Contains("refused", (string?)away["error"], StringComparison.OrdinalIgnoreCase);
        }
        // What is wrong with the request is nobody's absence.
        using (var mistake = await several.Client.GetAsync("/api/dead?limit=0", TestContext.Current.CancellationToken))
            Assert.Equal(400, (int)mistake.StatusCode);

        await several.Second.StopAsync();
        using var none = await several.Client.GetAsync("/api/streams", TestContext.Current.CancellationToken);
        Assert.Equal(502, (int)none.StatusCode);
    }

    [Fact]
    public async Task Events_of_several_go_on_where_one_is_away_which_is_told_and_heard_again_when_it_is_back()
    {
        await using var first = await AnsweringStreamHandle.StartAsync("alpha", "shared");
        await using var second = await AnsweringStreamHandle.StartAsync("beta");
        await using var console = await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}",
            $"--Crispy:Console:StreamHandle={first.Address},{second.Address}");
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await Until.TrueAsync(async () => (await client.GetFromJsonAsync<JsonNode>("/api/streams"))!["items"]!.AsArray().Count == 3);

        var told = new ConcurrentQueue<(string Type, JsonNode Data)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var listening = ListenAsync();
        await Until.TrueAsync(() => Streams().ToHashSet().SetEquals(["alpha", "shared", "beta"]));
        // The second only stands by for what the first records.
        second.Tell(new { id = "shared", state = "standby" });
        second.Tell(new { id = "beta", state = "paused" });
        await Until.TrueAsync(() => told.Any(item => (string?)item.Data["state"] == "paused"));
        Assert.DoesNotContain(told, item => (string?)item.Data["state"] == "standby");

        var address = first.Address;
        await first.StopAsync();
        await Until.TrueAsync(() => told.Any(item => item.Type == "away" && (string?)item.Data["address"] == address));
        second.Tell(new { id = "beta", state = "waiting" });
        await Until.TrueAsync(() => told.Any(item => (string?)item.Data["state"] == "waiting"));
        told.Clear();
        await using var again = await AnsweringStreamHandle.StartAsync(new Uri(address), "alpha");
        await Until.TrueAsync(() => Streams().Contains("alpha"));
        Assert.False(listening.IsCompleted, "it went on all the time");
        await stop.CancelAsync();
        await listening.ContinueWith(_ => { }, TaskScheduler.Default);

        IEnumerable<string> Streams() => told.Where(item => item.Type == "stream").Select(item => (string)item.Data["id"]!);

        async Task ListenAsync()
        {
            await using var body = await client.GetStreamAsync("/api/events", stop.Token);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(stop.Token))
                told.Enqueue((item.EventType, JsonNode.Parse(item.Data)!));
        }
    }

    [Fact]
    public async Task Public_keys_are_those_of_every_stream_handle_and_the_one_for_reports_which_are_told_by_it_though_all_are_away()
    {
        var own = SigningKey.NewPrivatePem();
        await using var first = await AnsweringStreamHandle.StartAsync("alpha");
        await using var second = await AnsweringStreamHandle.StartAsync("beta");
        await using var console = await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}", $"--Crispy:Console:ReportKey={own}",
            $"--Crispy:Console:StreamHandle={first.Address},{second.Address}");
        using var client = new HttpClient { BaseAddress = console.Address };

        string[] both = [first.KeyId, second.KeyId];
        await Until.TrueAsync(async () => both.All((await KeysAsync()).Recordings.Contains));
        await first.StopAsync();
        await second.StopAsync();
        await Until.TrueAsync(async () => !both.Any((await KeysAsync()).Recordings.Contains));

        // Those of stream-handle that the console was given are there all the same, and its own, which is good for nothing else.
        using var key = LedgerReport.Signer(own);
        var (recordings, reports) = await KeysAsync();
        Assert.Single(recordings);
        Assert.Equal([key.KeyId], reports.Except(recordings));
        Assert.Contains(key.KeyId, console.Output, StringComparison.Ordinal);

        async Task<(List<string> Recordings, List<string> Reports)> KeysAsync()
        {
            // Without a token: they are for everybody.
            var set = await client.GetStringAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken);
            return (Names(set, KeyPurpose.Recordings), Names(set, KeyPurpose.Reports));
        }
    }

    [Fact]
    public async Task A_console_with_a_key_that_it_cannot_use_ends_at_once_and_names_the_setting()
    {
        var chunks = SigningKey.NewPrivatePem();
        foreach (var (key, rule) in new[] { ("-----BEGIN secret", "not an elliptic curve key"),
            (chunks, "is one of Crispy:Signing:PublicKeys") })
        {
            var ended = await Command.TryAsync("dotnet",
                [Installation.Program("Crispy.Console"), .. RunningConsole.Usual,
                    $"--Crispy:Signing:PublicKeys={SigningKey.PublicPem(chunks)}", "--Crispy:Api:AllowAnonymous=true",
                $"--Crispy:Console:ReportKey={key}"]);
            Assert.Equal(2, ended.ExitCode);
            Assert.Matches($"^Crispy:Console:ReportKey.*{rule}", ended.Error);
            Assert.DoesNotContain("BEGIN", ended.Error, StringComparison.Ordinal);
        }
    }

    private static List<string> Names(string set, KeyPurpose purpose)
    {
        using var verifier = new ManifestVerifier(SigningKey.ReadPublic(set, purpose));
        return [.. verifier.KeyIds];
    }
}
