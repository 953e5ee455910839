using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.StreamHandle.Tests;

/// <summary>Where an address could be seen: in all that the process prints, answers, tells, spawns and stores.</summary>
public sealed class AddressTests(Servers servers) : IDisposable
{
    private const string Marker = "Zq7xMarkerOfThisTest";
    private const string Nobody = "127.0.0.1:9";

    private static readonly string Escaped = string.Concat(Marker.Select(letter => $"%{(int)letter:X2}"));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_part_of_an_address_that_may_be_a_secret_is_seen_anywhere()
    {
        await using var server = await ServeAsync();
        var at = new Uri(server.Urls.First()).Authority;
        var addresses = Addresses(at);
        var configured = addresses.Select((url, index) =>
            new Dictionary<string, string> { ["Id"] = $"c{index}", ["Url"] = url, ["Window"] = "1", ["StallTimeout"] = "2" }).ToArray();
        await using var handle = await new RunningStreamHandle(servers, configured).StartAsync();
        var (told, commands) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, bool>());
        using var over = new CancellationTokenSource();
        var watching = Task.Run(() => WatchCommands(commands, over.Token));
        await using var events = await handle.OpenAsync("/api/events");
        var listening = Task.Run(() => ListenAsync(events, told, over.Token));
        await AddAsync(handle, addresses, told);
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => stream.LastError is not null || stream.Captured.Chunks > 0),
            TimeSpan.FromMinutes(3), handle.Log);
        await AskAllAsync(handle, told);
        await GiveBackWhatIsShownAsync(handle, told);
        await handle.StopAsync();
        await over.CancelAsync();
        await watching;
        await listening.ContinueWith(_ => { }, TaskScheduler.Default);

        AssertOpenedForThem(commands.Keys, at);
        foreach (var text in told.Concat(commands.Keys).Concat(handle.Log.Split('\n')))
            foreach (var secret in (string[])[Marker, Escaped]) Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        var records = Path.Combine(handle.Spool.Root, ".streams") + Path.DirectorySeparatorChar;
        Assert.DoesNotContain(handle.Files(), file => !file.StartsWith(records, StringComparison.Ordinal)
            && (file.Contains(Marker, StringComparison.OrdinalIgnoreCase)
                || System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Contains(Marker, StringComparison.OrdinalIgnoreCase)));
    }

    // A secret in each part that can hold one, at a server that answers and at one that does not.
    private static string[] Addresses(string at) =>
    [
        $"http://{at}/play/user=admin_password={Marker}_channel=1.ts", $"http://{at}/slow?loginuse=admin&loginpas={Marker}",
        $"http://{at}/play?p%61ssword={Marker}", $"http://{at}/moved?jwt={Marker}",
        $"http://{at}/gone/{Marker}", $"http://{at}/gone#token={Marker}", $"http://{at}/play/{Escaped}",
        $"http://viewer:{Marker}@{at}/slow", $"http://admin:#{Marker}@{at}/video",
        $"http://{at}/broken/{Marker}.m3u8", $"rtsp://{Nobody}/user=admin_password={Marker}_channel=1_stream=0.sdp",
        $"rtsp://viewer:{Marker}@{Nobody}/live", $"rtsp://{Nobody}/live?{Marker}=1", $"https://{Nobody}/{Marker}",
    ];

    private static async Task ListenAsync(Stream events, ConcurrentQueue<string> told, CancellationToken over)
    {
        using var lines = new StreamReader(events);
        while (await lines.ReadLineAsync(over) is { } line) told.Enqueue(line);
    }

    private static async Task AddAsync(RunningStreamHandle handle, string[] addresses, ConcurrentQueue<string> told)
    {
        foreach (var (index, url) in addresses.Index())
        {
            told.Enqueue(
                await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
                    $$"""{"id":"a{{index}}","url":"{{url}}","window":1,"stallTimeout":2}"""));
            if (index % 3 == 0)
                told.Enqueue(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{url}}"}"""));
        }
    }

    private static async Task AskAllAsync(RunningStreamHandle handle, ConcurrentQueue<string> told)
    {
        foreach (var path in (string[])["/api/streams", "/api/status", "/api/dead", "/metrics", "/openapi/v1.json", "/api/streams/a0",
            "/api/streams/a8"])
            told.Enqueue(await (await handle.GetAsync(path)).Content.ReadAsStringAsync());
        told.Enqueue(await (await handle.HealthAsync()).Content.ReadAsStringAsync());
        told.Enqueue(await (await handle.GetAsync("/health")).Content.ReadAsStringAsync());
    }

    // What is shown is taken back as what it was.
    private static async Task GiveBackWhatIsShownAsync(RunningStreamHandle handle, ConcurrentQueue<string> told)
    {
        var shown = System.Text.Json.Nodes.JsonNode.Parse(
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/api/streams/a8"))!["definition"]!;
        Assert.Equal("http://***", (string?)shown["url"]);
        told.Enqueue(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Put, "/api/streams/a8", shown.ToJsonString()));
        told.Enqueue(
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, "/api/streams/a0", """{"url":"http://127.0.0.1/***"}"""));
        Assert.Contains(Marker, File.ReadAllText(Path.Combine(handle.Spool.Root, ".streams", "a8.json")), StringComparison.Ordinal);
    }

    // ffmpeg and ffprobe are given what they read, and no address.
    private static void AssertOpenedForThem(ICollection<string> commands, string at)
    {
        Assert.Contains(commands,
            line => line.Contains("ffmpeg", StringComparison.Ordinal) && line.Contains("pipe:0", StringComparison.Ordinal));
        Assert.Contains(commands,
            line => line.Contains("ffprobe", StringComparison.Ordinal) && line.Contains("pipe:0", StringComparison.Ordinal));
        Assert.DoesNotContain(commands, line => line.Contains("ff", StringComparison.Ordinal)
            && (line.Contains(at, StringComparison.Ordinal) || line.Contains(Nobody, StringComparison.Ordinal)));
    }

    // Processes come and go: each is looked at as often as can be.
    private static void WatchCommands(ConcurrentDictionary<string, bool> commands, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
            {
                try
                {
                    var line = File.ReadAllText($"{process}/cmdline").Replace('\0', ' ');
                    if (line.Contains("ffmpeg", StringComparison.Ordinal) || line.Contains("ffprobe", StringComparison.Ordinal)
                        || line.Contains(Marker, StringComparison.OrdinalIgnoreCase))
                        commands[line] = true;
                }
                catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                {
                    // It ended.
                }
            }
        }
    }

    private async Task<WebApplication> ServeAsync()
    {
        var clip = await File.ReadAllBytesAsync(await Clips.MakeAsync(_folder["clip.ts"], seconds: 3));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/play/{**rest}", () => Results.Bytes(clip, "video/mp2t", enableRangeProcessing: true));
        app.MapGet("/moved", () => Results.Redirect($"/gone/{Marker}?{Marker}=1"));
        app.MapGet("/broken/{**rest}",
            () => Results.Text(
                $"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n/gone/{Marker}.ts\n#EXTINF:3,\n/play/{Marker}.ts\n#EXT-X-ENDLIST\n",
                "application/vnd.apple.mpegurl"));
        app.MapGet("/slow", async (HttpContext context) =>
        {
            await context.Response.Body.WriteAsync(clip, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await app.StartAsync();
        return app;
    }
}
