using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Crispy.Testing;

namespace Crispy.Console.Tests.Notifying;

/// <summary>The console as a process, a stream-handle that says what it is told to, and a real receiver.</summary>
public sealed class NotifierTests : IAsyncDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Begin_and_end_of_everything_arrive_once_each_signed()
    {
        await using var handle = await SaidStreamHandle.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        handle.Say("gate", StreamState.Running);
        handle.Say("hall", StreamState.Paused);
        await using var console = await StartAsync(handle, receiver);

        handle.Say(duty => duty with { Bucket = new(false, null, "503"), Broker = new(false, null, "refused"), Balance = 1 });
        handle.Say(duty => duty with { Disk = duty.Disk with { IsFull = true } });
        handle.Say("gate", StreamState.Backoff);
        string[] keys = ["broker", "bucket", "camera/gate", "law", "spool/full"];
        await Until.TrueAsync(() => keys.All(key => receiver.All.Any(each => each.Key == key)), what: "all begin");
        var report = await _http.GetFromJsonAsync<JsonNode>(new Uri(console.Address, "/api/notify"), TestContext.Current.CancellationToken);
        Assert.Equal(keys, report!["open"]!.AsArray().Select(open => (string)open!["key"]!).Order());

        handle.Say(duty => duty with { Bucket = new(true, null, null), Broker = new(true, null, null), Balance = 0 });
        handle.Say(duty => duty with { Disk = duty.Disk with { IsFull = false } });
        handle.Say("gate", StreamState.Running);
        await Until.TrueAsync(() => receiver.All.Count(each => (string?)each.Json["data"]!["state"] == "end") == keys.Length,
            what: "all end");
        // What comes last shows that nothing came twice before it.
        handle.Say("gate", StreamState.Running, lost: 2);
        await Until.TrueAsync(() => receiver.All.Any(each => each.Key == "loss"));
        Assert.Equal(2 * keys.Length + 1, receiver.All.Count);
        foreach (var key in keys) Assert.Equal(["begin", "end"], receiver.All.Where(each => each.Key == key)
            .Select(each => (string?)each.Json["data"]!["state"]));
        Assert.Equal("2 chunks were lost: gate 2", receiver.All[^1].Text);
        Assert.All(receiver.All, each => Assert.True(each.IsSignedBy(Secret)));
    }

    [Fact]
    public async Task A_kill_loses_no_notice_and_makes_none_twice()
    {
        await using var handle = await SaidStreamHandle.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(503);
        handle.Say("gate", StreamState.Running);
        string id;
        await using (await StartAsync(handle, receiver))
        {
            handle.Say("gate", StreamState.Backoff);
            await Until.TrueAsync(() => receiver.All.Count > 0);
            id = receiver.All[0].Id!;
        }
        // That ended it by SIGKILL. The next one knows what it told, and still has to bring it.
        receiver.AnswerWith(204);
        await using (await StartAsync(handle, receiver))
        {
            await Until.TrueAsync(() => receiver.All.Count > 1 && !Waiting().Any());
            handle.Say("gate", StreamState.Running, dead: 1);
            await Until.TrueAsync(() => receiver.All.Any(each => each.Type == "camera.end") && receiver.All.Any(each =>
                each.Type == "dead.news"));
            await Until.TrueAsync(() => !Waiting().Any());
        }
        // While no console runs the camera goes away and comes back, and a chunk is lost.
        handle.Say("gate", StreamState.Backoff);
        handle.Say("gate", StreamState.Running, lost: 1, dead: 1);
        await using (await StartAsync(handle, receiver)) await Until.TrueAsync(() => receiver.All.Any(each => each.Type == "loss.news"));
        Assert.Equal([id], receiver.All.Where(each => each.Type == "camera.begin").Select(each => each.Id).Distinct());
        Assert.Equal(["camera.end", "dead.news", "loss.news"], receiver.All.Select(each => each.Type!).Where(type => type != "camera.begin")
            .Order());
    }

    [Fact]
    public async Task A_stream_handle_that_goes_away_is_told_and_not_each_of_its_cameras()
    {
        var handle = await SaidStreamHandle.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        foreach (var id in Enumerable.Range(0, 20)) handle.Say($"cam-{id}", StreamState.Running);
        await using var console = await StartAsync(handle, receiver);
        var address = handle.Address;
        await handle.DisposeAsync();
        await Until.TrueAsync(() => receiver.All.Any(each => each.Type == "streamHandle.begin"));
        await using var again = await SaidStreamHandle.StartAsync(address);
        foreach (var id in Enumerable.Range(0, 20)) again.Say($"cam-{id}", StreamState.Running);
        await Until.TrueAsync(() => receiver.All.Any(each => each.Type == "streamHandle.end"));
        Assert.Equal(2, receiver.All.Count);
    }

    [Fact]
    public async Task A_test_says_what_each_target_said_and_nothing_anywhere_tells_an_address()
    {
        await using var handle = await SaidStreamHandle.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var other = await WebhookReceiver.StartAsync();
        other.AnswerWith(403);
        await using var console = await StartAsync(handle, receiver,
            $"--Crispy:Notify:7:Url={other.Address}/secret-of-this-test", "--Crispy:Notify:7:Kinds=law",
            """--Crispy:Notify:7:Body={"text": "{text}", "routing_key": "secret-of-this-test"}""");
        using var all = await _http.PostAsync(new Uri(console.Address, "/api/notify/test"), null, TestContext.Current.CancellationToken);
        var results = (await all.Content.ReadFromJsonAsync<NotifyTestReport>(TestContext.Current.CancellationToken))!.Results;
        Assert.Equal([(0, true, 200, null), (7, false, 403, "it answered 403")], results.Select(result =>
            (result.Target, result.Ok, result.Status!.Value, result.Error)));
        Assert.Equal("test.news", Assert.Single(receiver.All).Type);
        Assert.StartsWith("This is a test", (string?)other.All[0].Json["text"], StringComparison.Ordinal);
        using var one = await _http.PostAsJsonAsync(new Uri(console.Address, "/api/notify/test"), new { target = 0 },
            TestContext.Current.CancellationToken);
        Assert.True(one.IsSuccessStatusCode);
        Assert.Equal((2, 1), (receiver.All.Count, other.All.Count));
        using var none = await _http.PostAsJsonAsync(new Uri(console.Address, "/api/notify/test"), new { target = 5 },
            TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)none.StatusCode);
        using var mistake = await _http.PostAsJsonAsync(new Uri(console.Address, "/api/notify/test"), new { target = "x" },
            TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)mistake.StatusCode);

        var report = await _http.GetStringAsync(new Uri(console.Address, "/api/notify"), TestContext.Current.CancellationToken);
        var targets = JsonNode.Parse(report)!["targets"]!.AsArray();
        Assert.Equal([$"{receiver.Address}/***", $"{other.Address}/***"], targets.Select(target => (string?)target!["url"]));
        Assert.Equal(["law"], targets[1]!["kinds"]!.AsArray().Select(kind => (string?)kind));
        foreach (var text in new[] { report, console.Output, await all.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) })
            Assert.DoesNotContain("secret-of-this-test", text, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<string> Waiting() => Directory.EnumerateFiles(_folder["notify"], "*.json", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != "state.json");

    // A console that has heard its stream-handle: what is said from then on is news.
    private async Task<RunningConsole> StartAsync(SaidStreamHandle handle, WebhookReceiver receiver, params string[] more)
    {
        var console = await RunningConsole.StartAsync(["--Crispy:Api:AllowAnonymous=true",
            $"--Crispy:Console:StreamHandle={handle.Address}", $"--Crispy:Notify:0:Url={receiver.Address}/hook/of-this-test",
            $"--Crispy:Notify:0:Secret={Secret}", $"--Crispy:Console:NotifyFolder={_folder["notify"]}",
            "--Crispy:Console:NotifyHold=00:00:01", "--Crispy:Console:NotifyCameraHold=00:00:01", .. more]);
        await Until.TrueAsync(async () =>
        {
            using var health = await _http.GetAsync(new Uri(console.Address, "/health"));
            return health.IsSuccessStatusCode;
        });
        // It has counted what the streams have.
        await Until.TrueAsync(() => File.Exists(Path.Combine(_folder["notify"], "state.json")) || handle.Said == 0);
        return console;
    }
}
