using Crispy.Testing;

namespace Aspire.Hosting.Tests;

public sealed class ProjectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_have_ports_and_identities_of_their_own_and_share_the_endpoint()
    {
        await using var test = new TestApp("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:4317");
        var web = test.Builder.AddProject("web", TestApp.HostProject).WithArgs("web").WithHttpEndpoint().WithHttpHealthCheck("/health").WithReplicas(2);
        test.Builder.AddExecutable("client", "sh", ".", "-c", "env | grep '^services__web__http__0=\\|^WEB_HTTP='").WithReference(web).WaitFor(web);

        await test.App.StartAsync(Token);
        await test.Console.WaitForAsync("web            healthy");
        var shared = web.GetEndpoint("http").Url;
        using var client = new HttpClient();
        var urls = new HashSet<string>();
        var identities = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            urls.Add(await client.GetStringAsync(new Uri($"{shared}/environment?name=ASPNETCORE_URLS"), Token));
            // Connections are spread, not requests: each of these needs its own.
            using var other = new HttpClient();
            urls.Add(await other.GetStringAsync(new Uri($"{shared}/environment?name=ASPNETCORE_URLS"), Token));
            identities.Add(await other.GetStringAsync(new Uri($"{shared}/environment?name=OTEL_RESOURCE_ATTRIBUTES"), Token));
        }

        Assert.Equal(2, urls.Count);
        Assert.Equal(2, identities.Count);
        Assert.DoesNotContain(shared, urls);
        Assert.All(identities, identity => Assert.StartsWith("service.instance.id=", identity, StringComparison.Ordinal));
        Assert.Equal("web", await client.GetStringAsync(new Uri($"{shared}/environment?name=OTEL_SERVICE_NAME"), Token));
        Assert.Equal("http://127.0.0.1:4317", await client.GetStringAsync(new Uri($"{shared}/environment?name=OTEL_EXPORTER_OTLP_ENDPOINT"), Token));
        Assert.Equal("grpc", await client.GetStringAsync(new Uri($"{shared}/environment?name=OTEL_EXPORTER_OTLP_PROTOCOL"), Token));
        Assert.Equal("1000", await client.GetStringAsync(new Uri($"{shared}/environment?name=OTEL_BSP_SCHEDULE_DELAY"), Token));
        await test.Console.WaitForAsync("client         finished");
        Assert.Equal([$"WEB_HTTP={shared}", $"services__web__http__0={shared}"], test.Console.PrintedBy("client").Order());
        Assert.Contains(test.Console.Lines, line => line.StartsWith("web-1 ", StringComparison.Ordinal));
        Assert.Contains(test.Console.Lines, line => line.StartsWith("web-2 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_project_that_is_not_built_is_built_once_for_all_who_run_it()
    {
        await using var test = new TestApp();
        var folder = test.PathOf("app");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "App.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """, Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), """System.Console.WriteLine("built and run");""", Token);
        test.Builder.AddProject("one", "app/App.csproj");
        test.Builder.AddProject("two", "app/App.csproj").WithReplicas(2);

        await test.App.StartAsync(Token);

        foreach (var name in new[] { "one", "two-1", "two-2" }) await test.Console.WaitForAsync($"{name.PadRight(12)}   finished (exit code 0)");
        Assert.Single(test.Console.Lines, line => line.StartsWith("Building ", StringComparison.Ordinal));
        Assert.Equal(3, test.Console.Lines.Count(line => line.EndsWith("| built and run", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_launch_profile_gives_endpoint_environment_and_arguments()
    {
        await using var test = new TestApp();
        var port = FreePort.Next();
        var properties = Directory.CreateDirectory(test.PathOf("app/Properties")).FullName;
        await File.WriteAllTextAsync(Path.Combine(properties, "launchSettings.json"), $$"""
            {
              // comments are allowed
              "profiles": {
                "IIS": { "commandName": "IISExpress" },
                "http": {
                  "commandName": "Project", "applicationUrl": "http://localhost:{{port}}", "commandLineArgs": "--name \"a b\"",
                  "environmentVariables": { "ASPNETCORE_ENVIRONMENT": "Development" }
                }
              }
            }
            """, Token);
        var app = test.Builder.AddProject("app", "app/App.csproj");

        var variables = await ResourceCallbacks.EnvironmentAsync(app.Resource, new(DistributedApplicationOperation.Publish), Token);
        var arguments = await ResourceCallbacks.ArgumentsAsync(app.Resource, new(DistributedApplicationOperation.Run), Token);

        Assert.Equal("Development", variables["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", variables["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal(port, app.GetEndpoint("http").EndpointAnnotation.Port);
        Assert.Equal(["--name", "a b"], arguments);
        Assert.Throws<DistributedApplicationException>(() => test.Builder.AddProject("other", "app/App.csproj", "no-such-profile"));
    }
}
