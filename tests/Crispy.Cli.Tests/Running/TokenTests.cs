using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Crispy.Cli.Tests.Running;

/// <summary>Where the token goes, and where not.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private const string Token = "t0ken-of-the-test-run";
    private readonly TempFolder _folder = new();
    private WebApplication _api = null!;

    private string Api => _api.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        _api = await ScriptedApi.StartAsync(api =>
        {
            api.MapGet("/api/streams",
                (HttpRequest request) => request.Headers.Authorization == $"Bearer {Token}"
                    ? Results.Json(new { items = Array.Empty<object>() })
                    : Results.Unauthorized());
            api.MapGet("/api/status", () => Results.Redirect("http://127.0.0.1:1/sign-in"));
            api.MapGet("/api/dead", () => "<html>");
        });
        await File.WriteAllTextAsync(_folder["token"], Token + "\n");
        await Command.RunAsync("chmod", "600", _folder["token"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_token_comes_from_the_environment_or_a_file()
    {
        Assert.Equal(0, (await RunAsync(Token, "streams")).ExitCode);
        Assert.Equal(0, (await RunAsync("", "streams", "--token-file", _folder["token"])).ExitCode);
    }

    [Fact]
    public async Task Without_it_or_with_another_one_the_exit_code_is_4()
    {
        var without = await RunAsync("", "streams");
        Assert.Equal((4, $"crispy: the API at {Api} (--api) wants a token: CRISPY_API_TOKEN or --token-file\n"),
            (without.ExitCode, without.Error));
        var wrong = await RunAsync("another-token", "streams");
        Assert.Equal((4, $"crispy: the API at {Api} (--api) does not take this token\n"), (wrong.ExitCode, wrong.Error));
    }

    [Fact]
    public async Task It_follows_no_redirection()
    {
        var result = await RunAsync("", "status");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("wants a token", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_than_a_Crispy_API_is_told_apart()
    {
        var result = await RunAsync(Token, "dead");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("it is no Crispy API", result.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> RunAsync(string token, params string[] arguments) =>
        Command.TryAsync("env",
            [$"CRISPY_API_TOKEN={token}", "dotnet", Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments, "--api", Api]);
}
