using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>run.sh, before it builds anything: it would need dotnet, which here only leaves a trace.</summary>
public sealed class RunScriptTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public RunScriptTests()
    {
        File.WriteAllText(_folder["dotnet"], $"#!/bin/sh\ntouch {_folder["built"]}\nexit 1\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder["dotnet"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static string AppHost => Path.Combine(AppContext.BaseDirectory, "..", "..", "Crispy.AppHost",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Crispy.AppHost.dll");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("there is no option --windw; did you mean --window?", "--windw", "3")]
    [InlineData("there is no option --dta; did you mean --data?", "--dta=x", "demo:")]
    [InlineData("--window needs a value", "--window")]
    [InlineData("its scheme is none of rtsp:, rtsps:, http:, https:, file:, demo:", "ftp://viewer:s3cret@x")]
    [InlineData("did you mean rtsp://?", "rstp://camera/live")]
    [InlineData("begins with rtsp://", "192.168.1.20")]
    [InlineData("begins with rtsp://", "viewer:s3cret@camera")]
    [InlineData("begins with rtsp://", "camera.local/live")]
    [InlineData("no such file: /nowhere/gate.mp4", "--once", "/nowhere/gate.mp4")]
    [InlineData("no such file: gate.mp4", "gate.mp4")]
    public async Task What_cannot_be_right_is_refused_before_anything_is_built(string told, params string[] arguments)
    {
        var refused = await RunAsync(arguments);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(told, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["built"]));
    }

    [Theory]
    [InlineData("demo:")]
    [InlineData("RTSP://camera/live")]
    [InlineData("--data", "somewhere", "--window", "3", "rtsp://camera/live")]
    [InlineData("--window=3", "demo:?size=64x48")]
    [InlineData("--publisher", "manifest", "--output-path", "aspire-manifest.json")]
    public async Task What_may_be_right_goes_on_to_the_build(params string[] arguments)
    {
        await RunAsync(arguments);
        Assert.True(File.Exists(_folder["built"]));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--window", "3", "--help")]
    public async Task Its_help_is_the_AppHost_s_and_needs_no_build(params string[] arguments)
    {
        var help = await RunAsync(arguments);
        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.False(File.Exists(_folder["built"]));
        var own = (await Command.RunAsync("dotnet", AppHost, "--help")).Replace("Crispy.AppHost", "./run.sh", StringComparison.Ordinal);
        Assert.Equal(own.TrimEnd(), help.Output.TrimEnd());
    }

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.TryAsync("env", [$"PATH={_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", "bash",
            Path.Combine(Repository.Root, "run.sh"), .. arguments]);
}
