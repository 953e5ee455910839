using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests;

/// <summary>Several stream-handles behind one console. The real one holds a broker, a Redis and a spool each; what is looked at here is who
/// is asked, with what, and what becomes of the answers.</summary>
public sealed class ForwardingTests
{
    private const string Token = "a-token-of-this-test-alone";

    [Fact]
    public async Task Lists_of_several_stream_handles_are_one_and_each_stream_is_steered_where_it_is()
    {
        await using var first = await StreamHandle.StartAsync("alpha", "gamma");
        await using var second = await StreamHandle.StartAsync("beta");
        // Beta was recorded by the first before.
        const string early = "beta/20261122T170844123Z/00000042", late = "beta/20261123T170844123Z/00000001";
        first.Dead.Add(early);
        second.Dead.Add(late);
        await using var console = await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}",
            $"--Crispy:Console:StreamHandle={first.Address},{second.Address}");
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await Until.TrueAsync(IsWellAsync);

        var page = (await client.GetFromJsonAsync<JsonNode>("/api/streams?limit=2", TestContext.Current.CancellationToken))!;
        Assert.Equal(["alpha", "beta"], page["items"]!.AsArray().Select(item => (string?)item!["id"]));
        Assert.Equal(("beta", 3, false), ((string?)page["next"], (int)page["total"]!, page.AsObject().ContainsKey("away")));
        var status = (await client.GetFromJsonAsync<JsonNode>("/api/status", TestContext.Current.CancellationToken))!;
        Assert.Equal((3, 7), (status["streams"]!.AsArray().Count, (int)status["spooled"]!));

        using (var paused = await client.PostAsync("/api/streams/beta/pause", null, TestContext.Current.CancellationToken))
            Assert.True(paused.IsSuccessStatusCode);
        Assert.Empty(first.Posts);
        Assert.Equal(["/api/streams/beta/pause"], second.Posts);
        // A new stream goes to who has the fewest.
        using (var made = await client.PostAsJsonAsync("/api/streams", new { id = "delta" }, TestContext.Current.CancellationToken))
            Assert.True(made.IsSuccessStatusCode);
        Assert.Equal(["/api/streams/beta/pause", "/api/streams"], second.Posts);
        // A dead chunk is asked for where it lies.
        foreach (var chunk in new[] { early, Uri.EscapeDataString(early), late })
            Assert.Equal(Uri.UnescapeDataString(chunk),
                (string?)(await client.GetFromJsonAsync<JsonNode>($"/api/dead/{chunk}", TestContext.Current.CancellationToken))!["chunk"]);
        using (var unknown = await client.GetAsync("/api/dead/beta/20261122T170844123Z/00000043", TestContext.Current.CancellationToken))
            Assert.Equal(404, (int)unknown.StatusCode);
        using (var replayed = await client.PostAsJsonAsync("/api/dead/replay", new { chunks = new[] { early, late, "junk" } },
            TestContext.Current.CancellationToken))
        {
            var results =
                (await replayed.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["results"]!.AsArray();
            Assert.Equal([(early, true), (late, true), ("junk", false)],
                results.Select(result => ((string)result!["chunk"]!, (bool)result["ok"]!)));
        }
        // The token is the console's own, and a person's cookie stays here.
        Assert.All(first.Headers.Concat(second.Headers), header => Assert.Equal($"Bearer {Token}", header));

        await first.StopAsync();
        await Until.TrueAsync(async () => !await IsWellAsync());
        foreach (var path in new[] { "/api/streams", "/api/dead", "/api/status" })
        {
            var half = (await client.GetFromJsonAsync<JsonNode>(path, TestContext.Current.CancellationToken))!;
            var item = Assert.Single((half["items"] ?? half["streams"])!.AsArray())!;
            Assert.Equal(path == "/api/dead" ? late : "beta", (string?)(item["chunk"] ?? item["id"]));
            var away = Assert.Single(half["away"]!.AsArray())!;
            Assert.Equal(first.Address, (string?)away["address"]);
            Assert.Contains("refused", (string?)away["error"], StringComparison.OrdinalIgnoreCase);
        }
        // What is wrong with the request is nobody's absence.
        using (var mistake = await client.GetAsync("/api/dead?limit=0", TestContext.Current.CancellationToken))
            Assert.Equal(400, (int)mistake.StatusCode);

        await second.StopAsync();
        using var none = await client.GetAsync("/api/streams", TestContext.Current.CancellationToken);
        Assert.Equal(502, (int)none.StatusCode);

        // Green once every stream-handle was heard.
        async Task<bool> IsWellAsync()
        {
            using var health = await client.GetAsync("/health", TestContext.Current.CancellationToken);
            return health.IsSuccessStatusCode;
        }
    }

    [Fact]
    public async Task Events_of_several_go_on_where_one_is_away_which_is_told_and_heard_again_when_it_is_back()
    {
        await using var first = await StreamHandle.StartAsync("alpha", "shared");
        await using var second = await StreamHandle.StartAsync("beta");
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
        await using var again = await StreamHandle.StartAsync(new Uri(address), "alpha");
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
        await using var first = await StreamHandle.StartAsync("alpha");
        await using var second = await StreamHandle.StartAsync("beta");
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

    private sealed class StreamHandle(WebApplication app) : IAsyncDisposable
    {
        private readonly List<ChannelWriter<object>> _listeners = [];
        private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());

        /// <summary>The name of the key that it publishes.</summary>
        public string KeyId => _signer.KeyId;

        public List<string> Posts { get; } = [];

        public List<string> Headers { get; } = [];

        public List<string> Dead { get; } = [];

        public string Address => app.Urls.First().TrimEnd('/');

        public static Task<StreamHandle> StartAsync(params string[] streams) => StartAsync(new Uri("http://127.0.0.1:0"), streams);

        public static async Task<StreamHandle> StartAsync(Uri address, params string[] streams)
        {
            var builder = WebApplication.CreateSlimBuilder([$"--urls={address}"]);
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var streamHandle = new StreamHandle(app);
            app.Use((context, next) =>
            {
                lock (streamHandle.Headers) streamHandle.Headers.Add(context.Request.Headers.Authorization.ToString());
                if (context.Request.Method == "POST") streamHandle.Posts.Add(context.Request.Path);
                return next(context);
            });
            var items = streams.Select(id => new { id, state = "running", kind = "live" }).ToList();
            app.MapGet("/api/streams", () => new { total = items.Count, items, next = (string?)null });
            app.MapGet("/api/status", () => new { spooled = streams.Length == 1 ? 3 : 4, streams = items });
            app.MapGet("/api/events", async (HttpContext context) =>
            {
                context.Response.ContentType = "text/event-stream";
                var news = streamHandle.Listen();
                foreach (var item in items) await WriteAsync(item);
                await foreach (var item in news.ReadAllAsync(context.RequestAborted)) await WriteAsync(item);

                async Task WriteAsync(object item)
                {
                    await context.Response.WriteAsync($"event: stream\ndata: {JsonSerializer.Serialize(item)}\n\n");
                    await context.Response.Body.FlushAsync();
                }
            });
            app.MapGet("/api/dead", (int? limit, string? after) => limit == 0 ? Results.Problem("limit is 0", statusCode: 400)
                : Results.Json(
                    new { total = streamHandle.Dead.Count, items = streamHandle.Dead.Where(chunk => string.CompareOrdinal(chunk, after) > 0)
                        .Select(chunk => new { chunk, reason = "missing", error = "gone" }) }));
            app.MapGet("/api/dead/{**chunk}",
                (string chunk) => streamHandle.Dead.Contains(Uri.UnescapeDataString(chunk))
                    ? Results.Json(new { chunk = Uri.UnescapeDataString(chunk) })
                    : Results.NotFound());
            app.MapPost("/api/dead/replay",
                (JsonNode body) =>
                    new { results = body["chunks"]!.AsArray().Select(chunk => (string)chunk!)
                        .Select(chunk => streamHandle.Dead.Contains(chunk) ? new { chunk, ok = true, error = (string?)null }
                : new { chunk, ok = false, error = (string?)"no dead chunk has this id" }) });
            app.MapPost("/api/{**rest}", () => new { });
            app.MapGet("/.well-known/jwks.json", () =>
            {
                using var key = SigningKey.ReadPublic(streamHandle._signer.PublicPem)[0];
                return Results.Bytes(JsonWebKeySet.Write([key]), JsonWebKeySet.MediaType);
            });
            await app.StartAsync();
            return streamHandle;
        }

        /// <summary>Sends an event of a stream to all who listen.</summary>
        public void Tell(object stream)
        {
            lock (_listeners)
                foreach (var listener in _listeners) listener.TryWrite(stream);
        }

        private ChannelReader<object> Listen()
        {
            var channel = Channel.CreateUnbounded<object>();
            lock (_listeners) _listeners.Add(channel.Writer);
            return channel.Reader;
        }

        public async Task StopAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            await app.DisposeAsync();
            _signer.Dispose();
        }
    }
}
