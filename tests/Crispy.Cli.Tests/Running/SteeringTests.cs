using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.Cli.Tests.Running;

/// <summary>status, streams, add, probe, against the real processes.</summary>
public sealed partial class SteeringTests(RecordingSystem shared)
{
    [Fact]
    public async Task Status_tells_of_each_stream_and_ends_with_1_where_chunks_are_dead()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("status");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        // First what needs a person.
        var all = result.Output.Split('\n').ToList();
        var lines = all[all.FindIndex(line => line.StartsWith("up ", StringComparison.Ordinal))..];
        Assert.Contains(all[..^lines.Count], line => line.StartsWith("1 dead letter. ", StringComparison.Ordinal));
        Assert.Matches(@"^up \d+\w+, spool [\d.]+ \w+, RabbitMQ well *$", lines[0]);
        var law = Regex.Match(lines[1],
            @"^captured (\d+) = stored (\d+) \+ spooled (\d+) \+ dead (\d+) \+ lost (\d+) *$").Groups.Values.Skip(1)
                .Select(number => int.Parse(number.Value)).ToList();
        Assert.Equal(law[0], law.Skip(1).Sum());
        Assert.Matches("^STREAM +STATE +FPS +BITRATE +NEWEST +STORED +SPOOLED +DEAD +LOST +SOURCE *$", lines[2]);
        Assert.Matches($"^yard +ended +25 +[\\d.]+ [kM]bit/s +\\w+ +6 +0 +0 +0 +{Regex.Escape(system.Clip)} *$",
            Assert.Single(lines, line => line.StartsWith("yard ", StringComparison.Ordinal)));

        var json = System.Text.Json.Nodes.JsonNode.Parse((await system.CrispyAsync("status", "--json")).Output)!;
        Assert.Contains("gate", json["streams"]!.AsArray().Select(stream => (string?)stream!["id"]));
    }

    [Fact]
    public async Task Streams_are_listed_and_shown()
    {
        var system = await shared.StartedAsync();
        var listed = await system.CrispyAsync("streams");
        Assert.Equal(0, listed.ExitCode);
        // Those that nobody removes meanwhile.
        Assert.Equal(["gate", "hole", "spoilt", "stuck", "yard"], Recorded(listed.Output));
        Assert.Equal(Recorded(listed.Output), Recorded((await system.CrispyAsync("streams", "list")).Output));
        Assert.Equal(6, (int)(await system.JsonAsync("streams", "show", "gate"))["law"]!["stored"]!);
        var shown = (await system.CrispyAsync("streams", "show", "gate")).Output;
        Assert.Matches(@"law +captured 6 = stored 6 \+ spooled 0 \+ dead 0 \+ lost 0", shown);
        Assert.Matches("window +2", shown);
        Assert.Matches("origin +configured", shown);

        static string[] Recorded(string output) =>
            [.. output.Split('\n').Select(line => line.Split(' ')[0]).Intersect(["gate", "hole", "spoilt", "stuck", "yard"])];
    }

    [Fact]
    public async Task A_stream_is_added_paused_resumed_restarted_and_removed()
    {
        var system = await shared.StartedAsync();
        var added = await system.CrispyAsync("add", "porch", system.Clip, "--name", "7", "--window", "1.5", "--container", "mp4", "--set",
            "realtime=true", "--set", "stallTimeout=20");
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.Matches(@"^porch: (starting|running)\n$", added.Output);
        var definition = (await system.JsonAsync("streams", "show", "porch"))["definition"]!;
        Assert.Equal(("7", 1.5, "mp4", true, 20.0),
            ((string)definition["name"]!, (double)definition["window"]!, (string)definition["container"]!, (bool)definition["realtime"]!,
                (double)definition["stallTimeout"]!));
        Assert.Equal("porch: paused\n", (await system.CrispyAsync("streams", "pause", "porch")).Output);
        Assert.Matches(@"^porch: \w+\n$", (await system.CrispyAsync("streams", "resume", "porch")).Output);
        Assert.Equal(0, (await system.CrispyAsync("streams", "restart", "porch")).ExitCode);
        Assert.Equal("porch: removed\n", (await system.CrispyAsync("streams", "remove", "porch", "--yes")).Output);
        // It is shown until its spool is empty.
        var shown = await system.CrispyAsync("streams", "show", "porch");
        Assert.True(shown.ExitCode == 1 || shown.Output.Contains("removed", StringComparison.Ordinal), shown.Output);
    }

    [Theory]
    [InlineData("window", "add", "attic", "demo:", "--window", "0")]
    [InlineData("container", "add", "attic", "demo:", "--container", "avi")]
    [InlineData("wrong", "add", "attic", "demo:", "--set", "wrong=1")]
    [InlineData("url", "add", "attic", "gopher://x")]
    [InlineData("gate", "add", "gate", "demo:")]
    [InlineData("nobody", "streams", "show", "nobody")]
    [InlineData("nobody", "streams", "pause", "nobody")]
    [InlineData("configur", "streams", "remove", "gate", "--yes")]
    public async Task What_the_API_refuses_ends_with_1_and_its_reason(string named, params string[] arguments)
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync(arguments);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_is_tried_with_its_picture_or_the_reason_why_not()
    {
        var system = await shared.StartedAsync();
        var picture = system["picture.jpg"];
        var result = await system.CrispyAsync("probe", system.Clip, "--picture", picture);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches("video +h264, 320x180, yuv420p", result.Output);
        Assert.Matches("frames +25 fps", result.Output);
        Assert.Matches(@"keyframes +every 1\.0 s", result.Output);
        Assert.Matches("audio +aac, 48000 Hz, 1 channels", result.Output);
        Assert.Equal("mjpeg", (await Ffprobe.StreamsAsync(picture))[0].Codec);

        var absent = await system.CrispyAsync("probe", "/nowhere/at/all.mp4");
        Assert.Equal(1, absent.ExitCode);
        Assert.StartsWith("cannot be recorded", absent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_on_the_command_line_is_remarked_upon_and_printed_nowhere()
    {
        var system = await shared.StartedAsync();
        var result = await system.CrispyAsync("probe", $"rtsp://viewer:h1dden@127.0.0.1:{FreePort.Next()}/cam", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("can read the password", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("h1dden", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    public async Task A_live_view_leaves_the_terminal_as_it_was(int columns)
    {
        var system = await shared.StartedAsync();
        await using var terminal =
            Terminal.Start(new Dictionary<string, string> { ["CRISPY_API"] = system.Api }, columns, "status", "--watch");
        await Until.TrueAsync(() => terminal.Shown.Split("RabbitMQ").Length > 2, TimeSpan.FromMinutes(1));
        await terminal.TypeAsync(Terminal.CtrlC);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.StartsWith("\u001b[?1049h", terminal.Shown[terminal.Shown.IndexOf("\u001b[?1049", StringComparison.Ordinal)..],
            StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[?1049l", terminal.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", terminal.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_texts_are_shortened_to_the_terminal_and_colours_obey_NO_COLOR()
    {
        var system = await shared.StartedAsync();
        await using var coloured = Terminal.Start(new Dictionary<string, string> { ["CRISPY_API"] = system.Api }, 70, "chunks", "gate",
            "--from", "2026-11-20T14:03Z", "--to", "+12s");
        Assert.Equal(0, await coloured.EndAsync());
        Assert.Contains("\u001b[", coloured.Shown, StringComparison.Ordinal);
        await using var plain =
            Terminal.Start(new Dictionary<string, string> { ["CRISPY_API"] = system.Api, ["NO_COLOR"] = "1" }, 80, "status");
        Assert.Equal(1, await plain.EndAsync());
        Assert.DoesNotMatch(Colour(), plain.Shown);
        Assert.Contains("…", plain.Shown, StringComparison.Ordinal);
        Assert.All(Sequence().Replace(plain.Shown, "").Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public async Task Help_names_a_stream_and_lists_none()
    {
        var system = await shared.StartedAsync();
        foreach (var command in (string[][])[["chunks"], ["streams", "pause"]])
            Assert.Contains("<STREAM>", (await system.CrispyAsync([.. command, "--help"])).Output, StringComparison.Ordinal);
        Assert.Contains("<CHUNK>", (await system.CrispyAsync("dead", "show", "--help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_completes_commands_options_and_the_ids_of_streams()
    {
        var system = await shared.StartedAsync();
        async Task<string[]> Suggested(string line) =>
            (await system.CrispyAsync(string.Create(CultureInfo.InvariantCulture, $"[suggest:{line.Length}]"), line)).Output.Split('\n',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["streams"], await Suggested("strea"));
        Assert.Contains("--allow-gaps", await Suggested("export --a"));
        // A shell waits for it, so it gives up after 2 s: on a busy machine another try has the answer.
        await Until.TrueAsync(async () => await Suggested("chunks ga") is ["gate"]);
        foreach (var shell in (string[])["bash", "zsh", "fish"])
            Assert.Contains("[suggest:", (await system.CrispyAsync("completion", shell)).Output, StringComparison.Ordinal);
        string[] bash = ["-c", $$"""
            crispy() { env CRISPY_API={{system.Api}} dotnet {{Path.Combine(AppContext.BaseDirectory, "crispy.dll")}} "$@"; }
            eval "$(crispy completion bash)"
            COMP_LINE="crispy streams show ya"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(crispy streams show ya); COMP_CWORD=3
            _crispy; echo "${COMPREPLY[@]}"
            """];
        await Until.TrueAsync(async () => (await Command.TryAsync("bash", bash)).Output == "yard\n");
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*(3[0-7]|38|9[0-7])[0-9;]*m")]
    private static partial Regex Colour();

    [GeneratedRegex(@"\x1b[\[=][?0-9;]*[a-zA-Z]?")]
    private static partial Regex Sequence();
}
