using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>Redis and RabbitMQ in containers, where a container engine answers and has their images or may fetch them.</summary>
public sealed class ContainerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_s_second_run_finds_the_data_of_the_first_in_its_volumes()
    {
        var docker = await TryDockerAsync("info");
        Assert.SkipUnless(docker is { ExitCode: 0 }, "no container engine answers (docker info)");
        foreach (var image in new[] { "redis:8.6", "rabbitmq:4.3-management" })
        {
            var here = await TryDockerAsync("image", "inspect", image) is { ExitCode: 0 }
                || await TryDockerAsync("pull", "--quiet", $"docker.io/library/{image}") is { ExitCode: 0 };
            Assert.SkipUnless(here, $"the image {image} cannot be had here");
        }
        var before = await VolumesAsync();
        try
        {
            var source = await TestVideo.CreateAsync(_folder["gate.mp4"], new() { Seconds = 7 });
            await using var first = await AppHostRun.ToEndAsync("--backends", "container", "--once", source);
            Assert.True(first.ExitCode == 0, first.Output);
            var made = (await VolumesAsync()).Except(before).ToList();
            Assert.Equal(2, made.Count);
            await using var second = AppHostRun.StartAfter(first, "--backends", "container", "--once", source);
            await second.WaitForExitAsync();
            Assert.True(second.ExitCode == 0, second.Output);
            Assert.Equal((3, 3), (second.ClosingLine["chunks"], second.ClosingLine["logged"]));
            Assert.Equal(made.Order(), (await VolumesAsync()).Except(before).Order());
        }
        finally
        {
            foreach (var volume in (await VolumesAsync()).Except(before)) await TryDockerAsync("volume", "rm", volume);
        }
    }

    private static async Task<IReadOnlyList<string>> VolumesAsync() =>
        [.. (await Command.RunAsync("docker", "volume", "ls", "--quiet", "--filter", "name=crispy-"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private static async Task<CommandResult?> TryDockerAsync(params string[] arguments)
    {
        try
        {
            return await Command.TryAsync("docker", arguments);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
