namespace Crispy.Cli.Tests;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("--window 'x'", "up", "--window", "x")]
    [InlineData("--api", "status", "--api", "nonsense")]
    [InlineData("--watch", "status", "--watch", "--api", "http://127.0.0.1:1")]
    [InlineData("STREAM 'Gate'", "streams", "show", "Gate")]
    [InlineData("'pause'", "streams", "pause")]
    [InlineData("--yes", "streams", "remove", "gate", "--api", "http://127.0.0.1:1")]
    [InlineData("ID 'Gate'", "add", "Gate", "demo:")]
    [InlineData("--set 'x'", "add", "gate", "demo:", "--set", "x")]
    [InlineData("'add'", "add", "gate")]
    [InlineData("--rtsp-transport 'pigeon'", "probe", "demo:", "--rtsp-transport", "pigeon")]
    [InlineData("URL", "probe", "-", "--api", "http://127.0.0.1:1")]
    [InlineData("--from 'noon'", "chunks", "gate", "--from", "noon")]
    [InlineData("--to", "chunks", "gate", "--from", "-1h", "--to", "-2h", "--api", "http://127.0.0.1:1")]
    [InlineData("--state 'eaten'", "chunks", "gate", "--state", "eaten")]
    [InlineData("--limit '0'", "chunks", "gate", "--limit", "0")]
    [InlineData("--from 'soon'", "play", "gate", "--from", "soon")]
    [InlineData("CHUNK 'x'", "dead", "show", "x")]
    [InlineData("CHUNK", "dead", "replay")]
    [InlineData("--stream", "dead", "list", "--stream", "No")]
    [InlineData("--all", "dead", "replay", "--all", "gate/20261122T170844123Z/00000001")]
    [InlineData("--reason", "dead", "replay", "--reason", "x")]
    [InlineData("--output", "export", "gate", "--from", "-1h")]
    [InlineData("--output 'x.avi'", "export", "gate", "--from", "-1h", "-o", "x.avi")]
    [InlineData("--from", "export", "gate", "-o", "x.mp4")]
    [InlineData("--output", "export", "gate", "--from", "-1h", "-o", "/nowhere/at/all/x.mp4", "--api", "http://127.0.0.1:1")]
    [InlineData("--token-file", "status", "--token-file", "/nowhere/token", "--api", "http://127.0.0.1:1")]
    [InlineData("tcsh", "completion", "tcsh")]
    public async Task A_mistake_names_its_option_and_ends_with_2(string named, params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'stauts'; did you mean status?", "stauts")]
    [InlineData("'foo'", "foo")]
    [InlineData("commands: up, status, streams, add", "foo")]
    [InlineData("'shwo'; did you mean show?", "streams", "shwo")]
    [InlineData("--windw; did you mean --window?", "up", "--windw", "3")]
    [InlineData("--windw; did you mean --window?", "up", "demo:", "--windw=3")]
    [InlineData("--wacth; did you mean --watch?", "status", "--wacth")]
    [InlineData("--rtsp-transprot; did you mean --rtsp-transport?", "probe", "--rtsp-transprot", "udp", "demo:")]
    [InlineData("--nmae; did you mean --name?", "add", "gate", "demo:", "--nmae", "x")]
    [InlineData("--ouput; did you mean --output?", "export", "gate", "--from", "-1h", "--ouput", "x.mp4")]
    [InlineData("its scheme is none of", "up", "ftp://x")]
    [InlineData("begins with rtsp://", "up", "192.168.1.20")]
    [InlineData("SOURCE 2: ", "up", "demo:", "rstp://viewer:s3cret@x")]
    [InlineData("--port '70000'", "up", "--port", "70000")]
    [InlineData("--port is the console's", "up", "--once", "--port", "8080")]
    [InlineData("--audio 'mp3' is none of keep, drop, aac", "export", "gate", "--from", "-1h", "-o", "x.mp4", "--audio", "mp3")]
    [InlineData("--cameras '0'", "plan", "--cameras", "0")]
    [InlineData("--outage 'long'", "plan", "--outage", "long")]
    public async Task A_mistake_is_told_in_a_line_with_the_nearest_right_word(string told, params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Error.TrimEnd().Split('\n').Length, 1, 2);
    }

    [Fact]
    public async Task Help_is_no_mistake()
    {
        foreach (var arguments in (string[][])[["--help"], ["status", "--help"], ["up", "-h"], ["--version"]])
        {
            var result = await Cli.RunAsync(arguments);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.NotEmpty(result.Output);
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("streams")]
    [InlineData("add", "gate", "demo:")]
    [InlineData("probe", "demo:")]
    [InlineData("chunks", "gate")]
    [InlineData("play", "gate")]
    [InlineData("dead")]
    [InlineData("export", "gate", "--from", "-1h", "-o", "never.mp4")]
    public async Task An_API_that_cannot_be_reached_is_named_and_ends_with_3(params string[] arguments)
    {
        var result = await Cli.RunAsync([.. arguments, "--api", "http://127.0.0.1:1"]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("http://127.0.0.1:1 (--api)", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_folder_without_a_run_is_named_and_ends_with_3()
    {
        using var folder = new TempFolder();
        var result = await Cli.RunAsync("status", "--data", folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"nothing runs in --data {folder.Path}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_found_by_the_note_in_its_folder()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["stream-handle.url"], "http://127.0.0.1:1");
        var result = await Cli.RunAsync("status", "--data", folder.Path);
        Assert.Contains($"http://127.0.0.1:1 ({folder["stream-handle.url"]})", result.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["console.url"], "http://127.0.0.1:2");
        result = await Cli.RunAsync("status", "--data", folder.Path);
        Assert.Contains($"http://127.0.0.1:2 ({folder["console.url"]})", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_others_can_read_is_refused()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["token"], "secret-of-the-test");
        await Command.RunAsync("chmod", "604", folder["token"]);
        var result = await Cli.RunAsync("status", "--api", "http://127.0.0.1:1", "--token-file", folder["token"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("can be read or changed by others", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-test", result.Error, StringComparison.Ordinal);
    }
}
