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

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_part_of_an_address_that_may_be_a_secret_is_seen_anywhere()
    {
        await using var server = await ServeAsync();
        var at = new Uri(server.Urls.First()).Authority;
        const string nobody = "127.0.0.1:9";
        var escaped = string.Concat(Marker.Select(letter => $"%{(int)letter:X2}"));
        string[] addresses =
        [
            $"http://{at}/play/user=admin_password={Marker}_channel=1.ts", $"http://{at}/slow?loginuse=admin&loginpas={Marker}",
            $"http://{at}/play?p%61ssword={Marker}", $"http://{at}/moved?jwt={Marker}",
            $"http://{at}/gone/{Marker}", $"http://{at}/gone#token={Marker}", $"http://{at}/play/{escaped}",
            $"http://viewer:{Marker}@{at}/slow", $"http://admin:#{Marker}@{at}/video",
            $"http://{at}/broken/{Marker}.m3u8", $"rtsp://{nobody}/user=admin_password={Marker}_channel=1_stream=0.sdp",
            $"rtsp://viewer:{Marker}@{nobody}/live", $"rtsp://{nobody}/live?{Marker}=1", $"https://{nobody}/{Marker}",
        ];
        var configured = addresses.Select((url, index) =>
            new Dictionary<string, string> { ["Id"] = $"c{index}", ["Url"] = url, ["Window"] = "1", ["StallTimeout"] = "2" }).ToArray();
        await using var handle = await new RunningStreamHandle(servers, configured).StartAsync();
        var (told, commands) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, bool>());
        using var over = new CancellationTokenSource();
        var watching = Task.Run(() => WatchCommands(commands, over.Token));
        await using var events = await handle.OpenAsync("/api/events");
        var listening = Task.Run(async () =>
        {
            using var lines = new StreamReader(events);
            while (await lines.ReadLineAsync(over.Token) is { } line) told.Enqueue(line);
        });
        foreach (var (index, url) in addresses.Index())
        {
            told.Enqueue(
                await handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
                    $$"""{"id":"a{{index}}","url":"{{url}}","window":1,"stallTimeout":2}"""));
            if (index % 3 == 0)
                told.Enqueue(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{url}}"}"""));
        }
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => stream.LastError is not null || stream.Captured.Chunks > 0),
            TimeSpan.FromMinutes(3), handle.Log);
        foreach (var path in (string[])["/api/streams", "/api/status", "/api/dead", "/metrics", "/openapi/v1.json", "/api/streams/a0",
            "/api/streams/a8"])
            told.Enqueue(await (await handle.GetAsync(path)).Content.ReadAsStringAsync());
        told.Enqueue(await (await handle.HealthAsync()).Content.ReadAsStringAsync());
        told.Enqueue(await (await handle.GetAsync("/health")).Content.ReadAsStringAsync());

        // What is shown is taken back as what it was.
        var shown = System.Text.Json.Nodes.JsonNode.Parse(
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/api/streams/a8"))!["definition"]!;
        Assert.Equal("http://***", (string?)shown["url"]);
        told.Enqueue(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Put, "/api/streams/a8", shown.ToJsonString()));
        told.Enqueue(
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, "/api/streams/a0", """{"url":"http://127.0.0.1/***"}"""));
        Assert.Contains(Marker, File.ReadAllText(Path.Combine(handle.Spool.Root, ".streams", "a8.json")), StringComparison.Ordinal);
        await handle.StopAsync();
        await over.CancelAsync();
        await watching;
        await listening.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Contains(commands.Keys,
            line => line.Contains("ffmpeg", StringComparison.Ordinal) && line.Contains("pipe:0", StringComparison.Ordinal));
        Assert.Contains(commands.Keys,
            line => line.Contains("ffprobe", StringComparison.Ordinal) && line.Contains("pipe:0", StringComparison.Ordinal));
        Assert.DoesNotContain(commands.Keys, line => line.Contains("ff", StringComparison.Ordinal)
            && (line.Contains(at, StringComparison.Ordinal) || line.Contains(nobody, StringComparison.Ordinal)));
        foreach (var text in told.Concat(commands.Keys).Concat(handle.Log.Split('\n')))
            foreach (var secret in (string[])[Marker, escaped]) Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        var records = Path.Combine(handle.Spool.Root, ".streams") + Path.DirectorySeparatorChar;
        Assert.DoesNotContain(handle.Files(), file => !file.StartsWith(records, StringComparison.Ordinal)
            && (file.Contains(Marker, StringComparison.OrdinalIgnoreCase)
                || System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Contains(Marker, StringComparison.OrdinalIgnoreCase)));
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
