using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Crispy.Cli.Tests.Running;

/// <summary>A console that one of its stream-handles does not answer.</summary>
public sealed class AwayTests : IAsyncLifetime
{
    private const string Warning = "crispy: stream-handle at http://10.0.0.7:8080 is away, what it has is not shown: Connection refused\n";
    private static readonly object[] Away = [new { address = "http://10.0.0.7:8080", error = "Connection refused" }];
    private WebApplication _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ScriptedApi.StartAsync(api =>
        {
            api.MapGet("/api/streams",
                (string? after) =>
                    new { items = new[] { Stream(after is null ? "gate" : "hall") }, next = after is null ? "gate" : null, away = Away });
            api.MapGet("/api/status",
                () => new { startedAt = DateTimeOffset.UnixEpoch, spooled = 0, dead = 0, lost = 0, spoolBytes = 0,
                    streams = new[] { Stream("gate") }, away = Away });
            api.MapGet("/api/dead",
                () => new { items =
                    new[] { new { chunk = "gate/20261122T170844123Z/00000042", reason = "missing", error = "gone", replayable = true } },
                    away = Away });
            api.MapPost("/api/dead/replay",
                () => new { results = new[] { new { chunk = "gate/20261122T170844123Z/00000042", ok = true } } });
        });
    }

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData(0, "streams")]
    [InlineData(0, "dead")]
    [InlineData(1, "status")]
    [InlineData(1, "dead", "replay", "--all")]
    public async Task What_the_others_have_is_shown_with_a_warning(int exitCode, params string[] command)
    {
        var shown = await RunAsync(command);
        Assert.Equal((exitCode, Warning), (shown.ExitCode, shown.Error));
        Assert.Contains("gate", shown.Output, StringComparison.Ordinal);

        var told = await RunAsync([.. command, "--json"]);
        Assert.Equal((exitCode, Warning), (told.ExitCode, told.Error));
        Assert.Equal("http://10.0.0.7:8080", (string?)Assert.Single(JsonNode.Parse(told.Output)!["away"]!.AsArray())!["address"]);
    }

    private static object Stream(string id) =>
        new { id, url = "demo:", kind = "live", state = "running", spooled = 0, dead = 0, lost = 0, enabled = true, version = 1 };

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.TryAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments, "--api", _api.Urls.Single()]);
}
