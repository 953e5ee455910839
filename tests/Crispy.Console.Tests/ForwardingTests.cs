using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests;

/// <summary>Several stream-handles behind one console. The real one holds a broker, a Redis and a spool each; what is looked at here is who is asked, with what, and what becomes of the answers.</summary>
public sealed class ForwardingTests
{
    private const string Token = "a-token-of-this-test-alone";

    [Fact]
    public async Task Lists_of_several_stream_handles_are_one_and_each_stream_is_steered_where_it_is()
    {
        await using var first = await Recorder.StartAsync("alpha", "gamma");
        await using var second = await Recorder.StartAsync("beta");
        await using var console = await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}", $"--Crispy:Console:StreamHandle={first.Address},{second.Address}");
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await Until.TrueAsync(IsWellAsync);

        var page = (await client.GetFromJsonAsync<JsonNode>("/api/streams?limit=2", TestContext.Current.CancellationToken))!;
        Assert.Equal(["alpha", "beta"], page["items"]!.AsArray().Select(item => (string?)item!["id"]));
        Assert.Equal(("beta", 3), ((string?)page["next"], (int)page["total"]!));
        var status = (await client.GetFromJsonAsync<JsonNode>("/api/status", TestContext.Current.CancellationToken))!;
        Assert.Equal((3, 7), (status["streams"]!.AsArray().Count, (int)status["spooled"]!));

        using (var paused = await client.PostAsync("/api/streams/beta/pause", null, TestContext.Current.CancellationToken)) Assert.True(paused.IsSuccessStatusCode);
        Assert.Empty(first.Posts);
        Assert.Equal(["/api/streams/beta/pause"], second.Posts);
        // A new stream goes to who has the fewest.
        using (var made = await client.PostAsJsonAsync("/api/streams", new { id = "delta" }, TestContext.Current.CancellationToken)) Assert.True(made.IsSuccessStatusCode);
        Assert.Equal(["/api/streams/beta/pause", "/api/streams"], second.Posts);
        // The token is the console's own, and a person's cookie stays here.
        Assert.All(first.Headers.Concat(second.Headers), header => Assert.Equal($"Bearer {Token}", header));

        await first.StopAsync();
        await Until.TrueAsync(async () => !await IsWellAsync());
        using var half = await client.GetAsync("/api/streams", TestContext.Current.CancellationToken);
        Assert.Equal(502, (int)half.StatusCode);

        // Green once every stream-handle was heard.
        async Task<bool> IsWellAsync()
        {
            using var health = await client.GetAsync("/health", TestContext.Current.CancellationToken);
            return health.IsSuccessStatusCode;
        }
    }

    private sealed class Recorder(WebApplication app) : IAsyncDisposable
    {
        public List<string> Posts { get; } = [];

        public List<string> Headers { get; } = [];

        public string Address => app.Urls.First().TrimEnd('/');

        public static async Task<Recorder> StartAsync(params string[] streams)
        {
            var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var recorder = new Recorder(app);
            app.Use((context, next) =>
            {
                lock (recorder.Headers) recorder.Headers.Add(context.Request.Headers.Authorization.ToString());
                if (context.Request.Method == "POST") recorder.Posts.Add(context.Request.Path);
                return next(context);
            });
            var items = streams.Select(id => new { id, state = "running", kind = "live" }).ToList();
            app.MapGet("/api/streams", () => new { total = items.Count, items, next = (string?)null });
            app.MapGet("/api/status", () => new { spooled = streams.Length == 1 ? 3 : 4, streams = items });
            app.MapGet("/api/events", async (HttpContext context) =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(": there\n\n");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            });
            app.MapPost("/api/{**rest}", () => new { });
            await app.StartAsync();
            return recorder;
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
        }
    }
}
