using System.Net;
using System.Net.Sockets;
using Crispy.AppHost;
using Crispy.AppHost.Showing;
using Crispy.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>What people see of a run, part by part.</summary>
[Trait("Needs", "nothing")]
public sealed class ShowingTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Noon);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Losses_are_said_at_once_and_where_they_go_on_once_a_minute()
    {
        var time = new FakeTimeProvider(new(2026, 11, 27, 2, 0, 0, TimeSpan.Zero));
        var losses = new LossFold(time);
        Assert.Null(losses.Observe(0));
        Assert.Equal("02:00:00Z 1 chunk lost or dead: the console's Losses and Dead letters say why", losses.Observe(1));
        var said = new List<string>();
        for (var lost = 2; lost <= 150; lost++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (losses.Observe(lost) is { } line) said.Add(line);
        }
        Assert.Equal(["02:01:00Z 60 chunks", "02:02:00Z 60 chunks"], said.Select(line => line[..19]));
        // The rest is not forgotten.
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("02:03:29Z 29 chunks", losses.Observe(150), StringComparison.Ordinal);
        Assert.Null(losses.Observe(150));
    }

    [Fact]
    public void A_board_stays_at_the_bottom_and_what_is_said_scrolls_above_it()
    {
        var shown = new ShownText(40, 10);
        var screen = new RunScreen(shown, shown, () => (40, 10));
        screen.Say("Starting ...");
        screen.Show(["Waiting for rabbitmq (1 s)"]);
        screen.Show(["", "Console: http://localhost:20769", "gate  recording"]);
        screen.Complain("bucket was killed; it is started again");
        screen.Show(["", "Console: http://localhost:20769", "gate  no video    Connection refused", "yard  recording"]);
        screen.Say("12:00:05Z gate: no video");
        Assert.Equal(
            ["Starting ...", "crispy: bucket was killed; it is started", " again", "12:00:05Z gate: no video", "",
                "Console: http://localhost:20769", "gate  no video    Connection refused", "yard  recording"],
            shown.Lines);
        screen.Show([]);
        Assert.Equal("12:00:05Z gate: no video", shown.Lines[^1]);
    }

    [Fact]
    public void A_board_that_is_higher_than_the_terminal_and_a_line_that_is_wider_leave_no_trace()
    {
        var shown = new ShownText(20, 6);
        var screen = new RunScreen(shown, shown, () => (20, 6));
        for (var round = 0; round < 5; round++) screen.Show([$"Dashboard: http://localhost:1/login {round}", .. Enumerable.Range(0, 30)
            .Select(number => $"camera-{number} {round}")]);
        Assert.Equal("Dashboard: http://localhost:1/login 4", shown.Lines[0] + shown.Lines[1]);
        Assert.All(shown.Lines.Skip(2), line => Assert.EndsWith(" 4", line, StringComparison.Ordinal));
        Assert.InRange(shown.Lines.Count, 3, 6);
    }

    [Fact]
    public void Elsewhere_there_are_plain_lines_and_no_board()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var screen = new RunScreen(output, error, null);
        screen.Show(["gate  recording"]);
        screen.Say("gate: recording");
        screen.Complain("bucket was killed");
        Assert.Equal(("gate: recording\n", "crispy: bucket was killed\n"), (output.ToString(), error.ToString()));
    }

    [Fact]
    public void A_problem_is_told_when_it_comes_and_when_it_goes_and_no_more_than_once_a_minute_between()
    {
        var fold = new ProblemFold(_time);
        List<string> Look(params string[] wrong) => [.. fold.Observe(wrong.ToDictionary(_ => "gate", what => what), new HashSet<string>())];
        Assert.Empty(Look());
        Assert.Equal(["12:00:00Z gate: no video for 20 s"], Look("no video for 20 s"));
        // The same, with other numbers.
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Look("no video for 25 s"));
        Assert.Equal(["12:00:05Z gate: well again after 5 s"], Look());
        var said = 0;
        for (var second = 0; second < 600; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            said += (second % 2 == 0 ? Look("no video for 1 s") : Look()).Count;
        }
        Assert.InRange(said, 9, 21);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("times)", Assert.Single(Look("no video for 1 s")), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_tries_again_is_not_well_yet()
    {
        var fold = new ProblemFold(_time);
        Assert.Single(fold.Observe(new Dictionary<string, string> { ["gate"] = "Connection refused" }, new HashSet<string>()));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(fold.Observe(new Dictionary<string, string>(), new HashSet<string> { "gate" }));
        Assert.Empty(fold.Observe(new Dictionary<string, string> { ["gate"] = "Connection refused" }, new HashSet<string>()));
    }

    [Fact]
    public void Each_stream_has_a_line_trouble_comes_first_and_its_cause_is_whole()
    {
        var cause = "Server returned 401 Unauthorized (authorization failed), and a good deal more that nobody should have to guess";
        var status = Status(
            new("gate", "live", "running", null, new(120, 3600, 1), 2, 0, 0) { Fps = 25, Bitrate = 4e6 },
            new("a-camera-whose-name-is-long-indeed", "live", "backoff", $"rtsp://***@camera:554/live: {cause}", new(0, 0, 0), 0, 0,
                0) { Url = "rtsp://***@camera:554/live" });
        var lines = StatusLines.Of(status, 70, 20);
        Assert.All(lines, line => Assert.True(line.Length <= 70, line));
        Assert.StartsWith("a-camera-whose-name-is-", lines[0], StringComparison.Ordinal);
        Assert.Contains(cause, string.Join(' ', lines.SkipLast(1).Select(line => line[38..].Trim())), StringComparison.Ordinal);
        Assert.Matches(@"^gate +recording +25/s +4\.0 Mbit/s +118 stored  2 on the way$", StatusLines.Of(status, 100, 20)[^1]);
        Assert.Equal("1 of 2 streams recording; 118 chunks stored, 2 on the way, 0 dead, 0 lost", StatusLines.Summary(status));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(24)]
    [InlineData(60)]
    public void Sixty_cameras_fit_the_screen_and_the_rest_is_counted(int rows)
    {
        var status = Status([.. Enumerable.Range(0, 60)
            .Select(number => new RunStatus.Stream($"camera-{number:00}", "live", number == 30 ? "failed" : "running", number == 30
            ? "no such stream" : null, new(1, 1, 1), 0, 0, 0))]);
        var lines = StatusLines.Of(status, 80, rows);
        Assert.InRange(lines.Count, 2, rows);
        Assert.Contains("No such stream", lines[0].Replace("no such", "No such", StringComparison.Ordinal), StringComparison.Ordinal);
        if (rows < 60) Assert.Equal($"... and {60 - (lines.Count - 1)} more streams: {60 - (lines.Count - 1)} recording", lines[^1]);
        else Assert.Equal(60, lines.Count);
    }

    [Fact]
    public void Nothing_is_ever_less_than_none()
    {
        // What waits is counted on the disk, later than what was captured.
        var status = Status(new RunStatus.Stream("gate", "finite", "running", null, new(33, 1, 1), 49, 0, 0));
        Assert.Equal((0, 0), (RunTotals.Of(status, 0, TimeSpan.Zero).Stored, status.Streams[0].Stored));
        Assert.DoesNotContain('-', StatusLines.Summary(status));
    }

    [Theory]
    [InlineData("running", 3, 0.5)]
    [InlineData("running", 6, 1)]
    [InlineData("running", 9, 1)]
    [InlineData("running", -1, 0)]
    [InlineData("ended", 3, 1)]
    public async Task A_bar_says_what_part_of_a_file_is_in_chunks(string state, int second, double done)
    {
        var clip = await TestVideo.CreateAsync(_folder["gate.mp4"], new() { Seconds = 6 });
        var progress = new FileProgress(new Dictionary<string, string> { ["gate"] = clip, ["gone"] = _folder["gone.mp4"] }, _time);
        await progress.MeasureAsync(TestContext.Current.CancellationToken);
        var stream = new RunStatus.Stream("gate", "finite", state, null, new(1, 1, 1), 0, 0, 0) { Epoch = "20261122T120000000Z",
            LastChunk = new(Noon, Noon.AddSeconds(second)) };
        Assert.Equal(done, progress.Done(stream)!.Value, 0.02);
        Assert.Null(progress.Done(stream with { Id = "gone", State = "running" }));
        var line = Assert.Single(progress.Lines(Status(stream), 80, 10));
        Assert.Matches(@"^gate  [█░]{24} +\d+ %  1 chunk, 1 stored", line);
    }

    [Fact]
    public void The_log_is_bounded_and_its_owners_alone_and_errors_of_the_host_are_handed_on()
    {
        List<string> errors = [];
        using (var log = new RunLog(_folder.Path, _time, errors.Add, maxBytes: 10_000))
        {
            for (var line = 0; line < 1000; line++) log.Write("chunk-logger", $"{{\"chunk\":{line}}}");
            log.CreateLogger("Aspire.Hosting").Log(LogLevel.Error, 0, "a port is taken", null, (state, _) => state);
        }
        Assert.Equal(["a port is taken"], errors);
        Assert.Equal(["crispy.log", "crispy.log.1"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 10_200));
        Assert.EndsWith("2026-11-22T12:00:00.000Z Aspire.Hosting error: a port is taken", File.ReadAllText(_folder["crispy.log"]).TrimEnd(),
            StringComparison.Ordinal);
        Assert.Contains("chunk-logger: {\"chunk\":999}", File.ReadAllText(_folder["crispy.log"]), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(_folder["crispy.log"]));
    }

    [Fact]
    public void Ports_are_remembered_and_one_that_is_taken_gives_a_new_one_with_a_word()
    {
        List<string> told = [];
        RememberedPorts Ports() => new(_folder["ports.json"], told.Add);
        var console = Ports().Of("console");
        Assert.NotEqual(console, Ports().Of("dashboard"));
        Assert.Equal(console, Ports().Of("console"));
        Assert.Empty(told);
        int other;
        using (Listen(console))
        {
            other = Ports().Of("console");
            Assert.NotEqual(console, other);
            Assert.Contains($"port {console} is taken", Assert.Single(told), StringComparison.Ordinal);
            Assert.Contains($"--port {console} is taken", Assert.Throws<IOException>(() => Ports().Of("console", console)).Message,
                StringComparison.Ordinal);
        }
        Assert.Equal(other, Ports().Of("console"));
        Assert.Equal(console, Ports().Of("console", console));
        Assert.Equal(console, Ports().Of("console"));
        File.WriteAllText(_folder["ports.json"], "{ torn");
        Assert.InRange(Ports().Of("console"), 1, 65535);
    }

    [Fact]
    public void The_last_words_say_what_waits_or_that_nothing_does()
    {
        Assert.Equal("Nothing waits on disk: every chunk is stored.", LastWords.Of(_folder["spool"]));
        Write("gate/ready/20261122T120000000Z-00000001.json", "gate/ready/20261122T120000000Z-00000001.mkv",
            "yard/ready/20261122T120000000Z-00000007.json", "yard/ready/20261122T120000000Z-00000007.ts");
        // The manifest of a chunk that the bucket has.
        Write("gate/ready/20261122T120000000Z-00000000.json");
        Assert.Equal("2 chunks (10 B) wait on disk; they are stored at the next start.", LastWords.Of(_folder["spool"]));
        Write("gate/open/run/00000002.mkv", "gate/dead/20261122T120000000Z-00000003.json");
        Assert.Equal(
            "2 chunks (10 B) wait on disk; they are stored at the next start. 1 segment that was being written is saved at the next start. "
                + "1 chunk is dead: crispy dead lists them while it runs.",
            LastWords.Of(_folder["spool"]));
    }

    private static RunStatus Status(params IReadOnlyList<RunStatus.Stream> streams) => new(Noon, false, streams);

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }

    private void Write(params string[] files)
    {
        foreach (var file in files.Select(file => _folder[$"spool/{file}"]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "video");
        }
    }
}
