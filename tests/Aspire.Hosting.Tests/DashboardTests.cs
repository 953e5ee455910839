using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Running;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests;

public sealed class DashboardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_real_dashboard_starts_beside_the_resources_and_ends_with_them()
    {
        var console = new LineCollector();
        await using var app = Build(console, []);
        if (app.Services.GetRequiredService<AspireProgram>().Existing is null) Assert.Skip("The aspire program is neither on the PATH nor in artifacts/tools/aspire.");

        await app.StartAsync(Token);
        var url = (await console.WaitForAsync("Dashboard: http://127.0.0.1:"))["Dashboard: ".Length..];
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri($"{url}/health"), Token);
        Assert.True(answer.IsSuccessStatusCode);
        var endpoint = new Uri(Assert.IsType<string>(app.Services.GetRequiredService<DashboardProcess>().OtlpEndpoint));
        Assert.True(await Listening.OnAsync(endpoint.Port));

        await app.StopAsync(Token);

        Assert.False(await Listening.OnAsync(endpoint.Port));
        Assert.False(await Listening.OnAsync(new Uri(url).Port));
    }

    [Fact]
    public async Task Without_the_program_it_says_so_and_the_application_runs()
    {
        var console = new LineCollector();
        await using var app = Build(console, ["--ASPIRE_CLI_PATH=none"]);

        await app.StartAsync(Token);

        await console.WaitForAsync("No dashboard:");
        await console.WaitForAsync("sleeper        running");
        Assert.Null(app.Services.GetRequiredService<DashboardProcess>().OtlpEndpoint);
    }

    [Fact]
    public async Task A_program_that_fails_does_not_stop_the_application()
    {
        using var folder = new TempFolder();
        var program = folder["aspire"];
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho no bundle >&2\nexit 1\n", Token);
        await Command.RunAsync("chmod", "+x", program);
        var console = new LineCollector();
        await using var app = Build(console, [$"--ASPIRE_CLI_PATH={program}"]);

        await app.StartAsync(Token);

        Assert.EndsWith("failed: no bundle", await console.WaitForAsync("No dashboard:"), StringComparison.Ordinal);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", Token);
    }

    [Theory]
    [InlineData("https://localhost:1;http://localhost:2", "http://localhost:2")]
    [InlineData("https://localhost:1", null)]
    [InlineData(null, null)]
    public void Plain_http_is_chosen_among_the_urls(string? urls, string? expected) => Assert.Equal(expected, DashboardProcess.Http(urls));

    private static DistributedApplication Build(LineCollector console, string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = TestApp.RepositoryRoot });
        builder.Services.AddSingleton(new Display(console));
        builder.AddExecutable("sleeper", "sleep", ".", "600");
        return builder.Build();
    }
}
