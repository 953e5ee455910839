using System.Net;
using System.Net.Sockets;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
    await RefusedAsync("no such file: /nowhere/gate.mp4", "--once", "/nowhere/gate.mp4");

    [Fact]
    public async Task A_file_that_is_no_video_is_named()
    {
        File.WriteAllText(_folder["notes.mp4"], "this is not a video");
        await RefusedAsync("notes.mp4", "--once", _folder["notes.mp4"]);
    }

    [Fact]
    public async Task A_camera_that_does_not_answer_is_named() =>
        await RefusedAsync("Connection refused", "--once", $"rtsp://127.0.0.1:{FreePort.Next()}/cam");

    [Theory]
    [InlineData("--windo", "--windo")]
    [InlineData("--window=0", "--window '0'")]
    [InlineData("--mode=cut", "cut")]
    [InlineData("--container=avi", "avi")]
    [InlineData("--every-nth-frame=3", "--mode transcode")]
    [InlineData("--backends=cloud", "cloud")]
    public async Task A_wrong_option_is_named(string option, string named) => await RefusedAsync(named, option, "demo:");

    [Fact]
    public async Task Wrong_settings_are_named_with_their_values_all_at_once()
    {
        var environment = new Dictionary<string, string?>
        {
            ["Crispy__Streams__0__Id"] = "Gate 1", ["Crispy__Streams__0__Url"] = "demo:", ["Crispy__Streams__0__Window"] = "soon",
            ["Crispy__Streams__0__Mode"] = "cut", ["Crispy__Streams__0__Colour"] = "red",
        };
        await using var run = AppHostRun.StartAs(["--data", "{data}"], environment);
        await run.WaitForExitAsync();
        Assert.NotEqual(0, run.ExitCode);
        foreach (var (key, value) in environment.Where(setting => setting.Value != "demo:"))
            Assert.Contains(run.Output.Split('\n'),
                line => line.Contains(key.Replace("__", ":", StringComparison.Ordinal), StringComparison.Ordinal)
                    && (line.Contains($"'{value}'", StringComparison.Ordinal) || value == "red"));
    }

    [Fact]
    public async Task A_missing_ffmpeg_is_named()
    {
        Directory.CreateDirectory(_folder["bin"]);
        var dotnet = (await Command.RunAsync("which", "dotnet")).Trim();
        File.CreateSymbolicLink(_folder["bin", "dotnet"], dotnet);
        await using var run =
            AppHostRun.StartAs(["--data", "{data}", "demo:"], new Dictionary<string, string?> { ["PATH"] = _folder["bin"] });
        await run.WaitForExitAsync();
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("ffmpeg is missing", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_named()
    {
        Directory.CreateDirectory(_folder["data"]);
        using var held = new FileStream(_folder["data", ".lock"], FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        await using var run = AppHostRun.StartAs(["--data", _folder["data"], "demo:"]);
        await run.WaitForExitAsync();
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains($"--data {_folder["data"]} is in use", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dashboard_port_that_is_taken_is_named_and_the_rest_runs_on()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var source = await TestVideo.CreateAsync(_folder["gate.mp4"], new() { Seconds = 3 });
        await using var run = AppHostRun.StartAs(["--data", "{data}", source],
            new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" });
        // A machine that is new gets the dashboard first, which may take longer than the file.
        await Until.TrueAsync(() => run.Output.Contains($"{port}", StringComparison.Ordinal)
            || run.Output.Contains("No dashboard", StringComparison.Ordinal), TimeSpan.FromMinutes(3));
        Assert.SkipUnless(run.Output.Contains($"{port}", StringComparison.Ordinal), "the Aspire dashboard cannot be had here");
        await Until.TrueAsync(() => Stored.Logged(run).Count == 1, TimeSpan.FromMinutes(2));
        await run.InterruptAsync();
        Assert.Equal(0, run.ExitCode);
    }

    private static async Task RefusedAsync(string named, params string[] arguments)
    {
        await using var run = await AppHostRun.ToEndAsync(arguments);
        Assert.True(run.ExitCode != 0, run.Output);
        Assert.Contains(named, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Crispy.", run.Output, StringComparison.Ordinal);
    }
}
