using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Tests;

public sealed class RunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ports_of_an_endpoint_are_allocated_and_passed_to_process_and_dependents()
    {
        await using var test = new TestApp();
        var server = test.Builder.AddExecutable("server", "sh", ".", "-c", "echo port $1 variable $PORT", "sh")
            .WithEndpoint(scheme: "tcp", name: "tcp", env: "PORT")
            .WithArgs(context => context.Args.Add(((IResourceWithEndpoints)context.Resource).GetEndpoint("tcp").Property(EndpointProperty.TargetPort)));
        test.Builder.AddExecutable("client", "sh", ".", "-c", "echo host $H port $P both $B url $U")
            .WithEnvironment("H", server.GetEndpoint("tcp").Property(EndpointProperty.Host))
            .WithEnvironment("P", server.GetEndpoint("tcp").Property(EndpointProperty.Port))
            .WithEnvironment("B", $"<{server.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)}>")
            .WithEnvironment("U", server.GetEndpoint("tcp"));

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("server       | port");
        await test.Console.WaitForAsync("client       | host");
        var port = server.GetEndpoint("tcp").Port;
        Assert.Equal([$"port {port} variable {port}"], test.Console.PrintedBy("server"));
        Assert.Equal([$"host localhost port {port} both <localhost:{port}> url tcp://localhost:{port}"], test.Console.PrintedBy("client"));
    }

    [Fact]
    public async Task A_resource_starts_only_when_what_it_waits_for_is_healthy()
    {
        await using var test = new TestApp();
        var healthy = false;
        var asked = new TaskCompletionSource();
        test.Builder.Services.AddHealthChecks().AddCheck("ready", () =>
        {
            asked.TrySetResult();
            return healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("not yet");
        });
        var first = test.Builder.AddExecutable("first", "sleep", ".", "600").WithHealthCheck("ready");
        test.Builder.AddExecutable("second", "sleep", ".", "600").WaitFor(first);

        await test.App.StartAsync(Token);
        await asked.Task.WaitAsync(Token);

        Assert.Contains(test.Console.Lines, line => line.EndsWith("waits for first", StringComparison.Ordinal));
        Assert.DoesNotContain(test.Console.Lines, line => line.StartsWith("second", StringComparison.Ordinal) && line.EndsWith("running", StringComparison.Ordinal));

        healthy = true;
        await test.App.ResourceNotifications.WaitForResourceHealthyAsync("second", Token);
        var lines = test.Console.Lines.ToList();
        Assert.True(lines.FindIndex(line => line.EndsWith("healthy", StringComparison.Ordinal)) < lines.FindIndex(line => line.StartsWith("second", StringComparison.Ordinal) && line.EndsWith("running", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_dies_is_shown_with_exit_code_and_last_lines_and_those_who_wait_say_for_whom()
    {
        await using var test = new TestApp();
        var broken = test.Builder.AddExecutable("broken", "sh", ".", "-c", "echo fine; echo out of luck >&2; exit 7").WithHealthCheck("never");
        test.Builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        test.Builder.AddExecutable("waiting", "true", ".").WaitFor(broken);

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("broken         DIED with exit code 7; its last lines:");
        await test.Console.WaitForAsync("broken           > out of luck");
        await test.Console.WaitForAsync("waiting        NOT STARTED: it waits for broken, but broken ended with exit code 7");
        Assert.Equal("FailedToStart", await test.App.ResourceNotifications.WaitForResourceAsync("waiting", KnownResourceStates.TerminalStates, Token));
        var end = await test.App.ResourceNotifications.WaitForResourceAsync("broken", state => state.Snapshot.ExitCode is not null, Token);
        Assert.Equal(7, end.Snapshot.ExitCode);
    }

    [Fact]
    public async Task A_resource_can_wait_for_the_completion_of_another()
    {
        await using var test = new TestApp();
        var task = test.Builder.AddExecutable("task", "sh", ".", "-c", "exit 4");
        test.Builder.AddExecutable("right", "sleep", ".", "600").WaitForCompletion(task, exitCode: 4);
        test.Builder.AddExecutable("wrong", "sleep", ".", "600").WaitForCompletion(task);

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("right          running");
        await test.Console.WaitForAsync("wrong          NOT STARTED: it waits for task, but it ended with exit code 4, not 0");
    }

    [Fact]
    public async Task A_missing_parameter_names_its_key()
    {
        await using var test = new TestApp();
        var parameter = test.Builder.AddParameter("api-key", secret: true);
        test.Builder.AddExecutable("user", "true", ".").WithEnvironment("KEY", parameter);

        await test.App.StartAsync(Token);

        Assert.Contains("Parameters__api_key", await test.Console.WaitForAsync("NOT STARTED"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configured_parameter_reaches_the_process_and_not_the_console()
    {
        await using var test = new TestApp("--Parameters:api-key=swordfish");
        var parameter = test.Builder.AddParameter("api-key", secret: true);
        test.Builder.AddExecutable("user", "sh", ".", "-c", "echo ${#KEY} letters").WithEnvironment("KEY", parameter);

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("9 letters");
        Assert.DoesNotContain(test.Console.Lines, line => line.Contains("swordfish", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_started_says_why()
    {
        await using var test = new TestApp();
        test.Builder.AddExecutable("missing", "no-such-program", ".");
        test.Builder.AddExecutable("homeless", "true", "no-such-folder");
        test.Builder.AddProject("project", "no-such.csproj");

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("missing        NOT STARTED: there is no program 'no-such-program'");
        await test.Console.WaitForAsync("homeless       NOT STARTED: its folder");
        await test.Console.WaitForAsync("project        NOT STARTED: there is no project");
    }

    [Fact]
    public async Task A_container_without_a_runtime_is_said_to_be_unhealthy_and_waited_for()
    {
        await using var test = new TestApp("--ASPIRE_CONTAINER_RUNTIME=no-such-runtime");
        var redis = test.Builder.AddRedis("redis");
        test.Builder.AddExecutable("user", "true", ".").WithReference(redis).WaitFor(redis);

        await test.App.StartAsync(Token);

        await test.Console.WaitForAsync("redis          RUNTIME UNHEALTHY");
        await test.Console.WaitForAsync("user           waits for redis");
        await test.App.ResourceNotifications.WaitForResourceAsync("redis", KnownResourceStates.RuntimeUnhealthy, Token);
        await test.App.StopAsync(Token);
        Assert.DoesNotContain(test.Console.Lines, line => line.StartsWith("user", StringComparison.Ordinal) && line.EndsWith("running", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_of_several_processes_never_mix()
    {
        const int Count = 2000;
        await using var test = new TestApp();
        foreach (var letter in "abc")
        {
            test.Builder.AddExecutable($"writer-{letter}", "sh", ".", "-c", $"i=0; while [ $i -lt {Count} ]; do echo {new string(letter, 200)}$i; i=$((i+1)); done");
        }

        await test.App.StartAsync(Token);

        foreach (var letter in "abc")
        {
            await test.Console.WaitForAsync($"writer-{letter}       finished");
            Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{new string(letter, 200)}{i}"), test.Console.PrintedBy($"writer-{letter}"));
        }
    }

    [Fact]
    public async Task Hosted_services_start_and_stop_with_the_application()
    {
        await using var test = new TestApp();
        var service = new Recorder();
        test.Builder.Services.AddSingleton<IHostedService>(service);

        await test.App.StartAsync(Token);
        await test.App.StopAsync(Token);

        Assert.Equal(["started", "stopped"], service.Calls);
    }

    [Fact]
    public async Task Children_get_the_environment_of_the_AppHost_but_not_its_own_settings()
    {
        Environment.SetEnvironmentVariable("STANDIN_TEST_INHERITED", "yes");
        Environment.SetEnvironmentVariable("DOTNET_ENVIRONMENT", "Staging");
        try
        {
            await using var test = new TestApp();
            test.Builder.AddExecutable("child", "sh", ".", "-c", "echo inherited=$STANDIN_TEST_INHERITED environment=$DOTNET_ENVIRONMENT.");

            await test.App.StartAsync(Token);

            await test.Console.WaitForAsync("inherited=yes environment=.");
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOTNET_ENVIRONMENT", null);
        }
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using var test = new TestApp();
        using var taken = Running.PortReservation.Any();
        test.Builder.AddExecutable("server", "true", ".").WithEndpoint(port: taken.Port, scheme: "tcp");

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => test.App.StartAsync(Token));

        Assert.Contains($"Port {taken.Port} of 'server'", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Recorder : IHostedService
    {
        public List<string> Calls { get; } = [];

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Calls.Add("started");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Calls.Add("stopped");
            return Task.CompletedTask;
        }
    }
}
