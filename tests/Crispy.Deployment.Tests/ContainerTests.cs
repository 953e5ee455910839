using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>Containers as they run: skipped, with the reason, where no container engine answers.</summary>
public sealed class ContainerTests(ServiceImages images)
{
    private const string Redis = "docker.io/library/redis:8.6";
    private const string RabbitMq = "docker.io/library/rabbitmq:4.3-management";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Nothing_is_lost_when_containers_are_killed_scaled_taken_down_and_started_again()
    {
        await using var run = await StartAsync();
        await run.StoreMoreAsync(2);

        string[] killed = ["upload-worker", "chunk-logger", "bucket", "redis", "rabbitmq", "stream-handle", "console"];
        foreach (var service in killed) await run.CrashAsync(service);
        await run.HealthyAsync();
        await run.StoreMoreAsync(2);

        await TakeBucketAwayAsync(run);

        await run.UpAsync("--scale", "upload-worker=4");
        Assert.Equal(4, (await run.ContainersAsync("upload-worker")).Count);
        await run.HealthyAsync();
        await run.StoreMoreAsync(2);

        var (captured, _, _, _) = await run.LawAsync();
        await run.RunAsync("down");
        await run.UpAsync();
        await run.HealthyAsync();
        await run.StoreMoreAsync(2);
        var law = await run.LawAsync();
        Assert.True(law.Captured > captured, $"{law.Captured} chunks after, {captured} before");
        Assert.Equal(0, law.Dead);
        // A kill may come when ffmpeg has opened a segment and written nothing yet: named as a loss, and nothing else is.
        Assert.InRange(law.Lost, 0, 1);

        await DrainAsync(run);
        var data = await run.CopyAsync("bucket", "/var/lib/crispy-bucket", "data");
        // A stream-handle that was killed leaves its chain without a last chunk.
        var verified = await Command.TryAsync("dotnet", [Repository.Program("Crispy.Cli", "crispy.dll"), "verify", data, "--open-ends"]);
        TestContext.Current.TestOutputHelper?.WriteLine(verified.Output);
        Assert.True(verified.ExitCode == (law.Lost == 0 ? 0 : 3), verified.Output + verified.Error);
        Assert.InRange(File.ReadLines(Path.Combine(data, "chunks.jsonl")).Count(), law.Stored, int.MaxValue);
    }

    [Theory]
    [InlineData("stream-handle")]
    [InlineData("upload-worker")]
    [InlineData("console")]
    [InlineData("cloud-emulator")]
    public async Task A_new_volume_belongs_to_the_images_user_also_on_the_base_of_images_that_are_published_without_an_engine(
        string service)
    {
        var lines = await File.ReadAllLinesAsync(Repository.PathOf(ServiceImages.Folders[service], "Dockerfile"),
            TestContext.Current.CancellationToken);
        var path = Assert.Single(lines, line => line.StartsWith("VOLUME ", StringComparison.Ordinal))["VOLUME ".Length..];
        foreach (var image in new[] { await images.BuildAsync(service), await images.BuildAsync(service, "runtime") })
        {
            var volume = $"crispy-test-{Guid.NewGuid():N}";
            try
            {
                // As the SDK sets the user, and as every deployment runs it.
                await ContainerEngine.DockerAsync("run", "--rm", "--user", "1654", "--read-only", "--cap-drop", "ALL", "--network", "none",
                    "--volume", $"{volume}:{path}", "--entrypoint", "/bin/bash", image, "-c", $"mkdir {path}/a && echo b > {path}/a/b");
            }
            finally
            {
                await Command.TryAsync("docker", ["volume", "rm", "--force", volume]);
            }
        }
    }

    [Fact]
    public async Task Redis_of_the_manifest_hears_a_stop_keeps_its_data_and_shows_its_password_to_nobody()
    {
        const string password = "Xk3password";
        await ContainerEngine.RequireAsync(Redis);
        var redis = (await Repository.ResourcesAsync())["redis"]!;
        string[] arguments = [.. redis["args"]!.AsArray().Select(argument => (string)argument!)];
        Assert.DoesNotContain(arguments, argument => argument.Contains("--requirepass", StringComparison.Ordinal));
        var name = $"crispy-test-{Guid.NewGuid():N}";
        try
        {
            var (_, target) = await ManifestRules.VolumeAsync("redis");
            await ContainerEngine.DockerAsync(["run", "--detach", "--name", name, "--network", "none", "--volume", $"{name}:{target}",
                "--env", $"REDIS_PASSWORD={password}", "--entrypoint", (string)redis["entrypoint"]!, Redis, .. arguments]);
            await Until.TrueAsync(async () => (await AskAsync("PING")).Output.Contains("PONG", StringComparison.Ordinal), Patience);
            var refused = await Command.TryAsync("docker", ["exec", name, "redis-cli", "PING"]);
            Assert.Contains("NOAUTH", refused.Output, StringComparison.Ordinal);
            await AskAsync("SET", "kept", "yes");
            Assert.DoesNotContain(password, await ContainerEngine.DockerAsync("top", name, "-eo", "pid,args"), StringComparison.Ordinal);

            await ContainerEngine.DockerAsync("stop", "--time", "60", name);

            Assert.Equal(0, (int)(await ContainerEngine.InspectAsync(name))["State"]!["ExitCode"]!);
            await ContainerEngine.DockerAsync("start", name);
            await Until.TrueAsync(async () => (await AskAsync("GET", "kept")).Output.Trim() == "yes", Patience);
        }
        finally
        {
            await Command.TryAsync("docker", ["rm", "--force", "--volumes", name]);
            await Command.TryAsync("docker", ["volume", "rm", "--force", name]);
        }

        Task<CommandResult> AskAsync(params string[] words) =>
            Command.TryAsync("docker", ["exec", "--env", $"REDISCLI_AUTH={password}", name, "redis-cli", .. words]);
    }

    private async Task<ComposeRun> StartAsync()
    {
        await ContainerEngine.RequireAsync(ContainerEngine.AspNet, Redis, RabbitMq);
        var bucket = await images.BuildAsync("cloud-emulator");
        Dictionary<string, string> services = new() { ["keys"] = bucket, ["bucket"] = bucket };
        foreach (var service in ServiceImages.Folders.Keys.Where(service => service != "cloud-emulator"))
            services[service] = await images.BuildAsync(service);
        var run = ComposeRun.With(services);
        try
        {
            await run.UpAsync();
            await run.HealthyAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    // Who runs `docker compose ps` sees that nothing is uploaded, and nothing else is harmed.
    private static async Task TakeBucketAwayAsync(ComposeRun run)
    {
        await run.RunAsync("stop", "bucket");
        await run.HealthAsync("unhealthy", "upload-worker");
        await run.HealthyAsync("stream-handle", "console", "redis", "rabbitmq");
        await run.RunAsync("start", "bucket");
        await run.HealthyAsync();
    }

    // The last chunk is closed and uploaded; its event reaches chunk-logger.
    private static async Task DrainAsync(ComposeRun run)
    {
        await run.RunAsync("stop", "stream-handle");
        await Until.TrueAsync(async () => await WaitingAsync(run) == 0, Patience);
        await Until.TrueAsync(async () => (await run.GetAsync("bucket", "/_emulator/notifications"))
            .Contains("\"pending\":0", StringComparison.Ordinal), Patience);
        await run.RunAsync("stop");
    }

    // Chunks in the spool, but for what is put aside.
    private static async Task<int> WaitingAsync(ComposeRun run) => int.Parse(
        await run.RunAsync("exec", "-T", "--index", "1", "upload-worker", "bash", "-c",
            "find /var/spool/crispy -name '*.json' -path '*/ready/*' | wc -l"), null);
}
