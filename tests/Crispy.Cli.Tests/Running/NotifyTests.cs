using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Crispy.Cli.Tests.Running;

/// <summary><c>crispy notify</c> against a console with two targets; one of them cannot be reached.</summary>
public sealed class NotifyTests : IAsyncLifetime
{
    // The last is one that this version does not know.
    private static readonly string[] Some = ["camera", "newer"];

    private readonly List<string> _bodies = [];
    private WebApplication _api = null!;

    public async ValueTask InitializeAsync() => _api = await ScriptedApi.StartAsync(api =>
    {
        api.MapGet("/api/notify", () => new
        {
            targets = new object[]
            {
                new { target = 0, url = "https://hooks.example.org/***", kinds = Some, signed = true, pending = 0, ended = false,
                    lastSuccess = DateTimeOffset.UnixEpoch },
                new { target = 3, url = "https://other.example.org/***", kinds = Some, signed = false, pending = 2, ended = false,
                    lastFailure = new { at = DateTimeOffset.UnixEpoch, error = "refused" } },
            },
            open = new[] { new { kind = "bucket", key = "bucket", level = "bad", text = "The bucket cannot be used",
                since = DateTimeOffset.UnixEpoch } },
        });
        api.MapPost("/api/notify/test", async (HttpRequest request) =>
        {
            var body = (await request.ReadFromJsonAsync<JsonNode>())!;
            lock (_bodies) _bodies.Add(body.ToJsonString());
            return (int?)body["target"] is 9 ? Results.Problem("There is no Crispy:Notify:9.", statusCode: 404) : Results.Json(new
            {
                results = new object[] { new { target = 0, url = "https://hooks.example.org/***", ok = true, status = 204 },
                    new { target = 3, url = "https://other.example.org/***", ok = false, error = "refused" } }
                    .Where((_, index) => body["target"] is null || index == (int)body["target"]!),
            });
        });
    });

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Targets_and_what_is_open_are_shown_and_one_that_cannot_be_reached_is_a_finding()
    {
        var shown = await RunAsync("notify");
        Assert.Equal((1, ""), (shown.ExitCode, shown.Error));
        foreach (var text in new[] { "https://hooks.example.org/***", "1970-01-01", "refused", "open: The bucket cannot be used" })
            Assert.Contains(text, shown.Output, StringComparison.Ordinal);
        var told = await RunAsync("notify", "--json");
        Assert.Equal(2, JsonNode.Parse(told.Output)!["targets"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_test_says_what_each_target_said()
    {
        var all = await RunAsync("notify", "test");
        Assert.Equal((1, "0 https://hooks.example.org/***: it arrived\n3 https://other.example.org/***: refused\n"),
            (all.ExitCode, all.Output));
        var one = await RunAsync("notify", "test", "0");
        Assert.Equal((0, "0 https://hooks.example.org/***: it arrived\n"), (one.ExitCode, one.Output));
        Assert.Equal(["""{"target":null}""", """{"target":0}"""], _bodies);
    }

    [Theory]
    [InlineData(1, "There is no Crispy:Notify:9.", "9")]
    [InlineData(2, "gate", "gate")]
    public async Task A_target_that_is_none_is_refused(int exitCode, string expected, string target)
    {
        var refused = await RunAsync("notify", "test", target);
        Assert.Equal(exitCode, refused.ExitCode);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.TryAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments, "--api", _api.Urls.Single()]);
}
