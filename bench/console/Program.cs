using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

// What the person on duty waits for: a day of one stream, really recorded, and the console asked about it as its pages ask.
Report.RequireKnown(args, "hours", "window", "turns");
var hours = Report.Option(args, "hours", 24);
var window = Report.Option(args, "window", 3);
var turns = (int)Report.Option(args, "turns", 5);

// A picture a second, as small as may be: what is listed are chunks, however large.
using var folder = new TempFolder();
var video = folder["day.mkv"];
await Command.RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-f", "lavfi", "-i", string.Create(CultureInfo.InvariantCulture, $"color=size=64x36:rate=1:duration={hours * 3600}"),
    "-c:v", "libx264", "-preset", "ultrafast", "-g", "1", video]);
var to = new DateTimeOffset(TimeProvider.System.GetUtcNow().Date, TimeSpan.Zero);
var from = to.AddHours(-hours);
await using var system = Running.AsShipped(workers: 2);
system.SetStreams([new Dictionary<string, string> { ["Id"] = "bench", ["Url"] = video, ["Window"] = window.ToString(CultureInfo.InvariantCulture), ["StartTime"] = Time(from) }]);
await system.StartAllAsync();
await system.DrainAsync(TimeSpan.FromMinutes(30));
await Task.WhenAll(system.Workers.Append(system.ChunkLogger).Select(service => service.StopAsync()));

string Range(DateTimeOffset begin, DateTimeOffset end) => $"from={Uri.EscapeDataString(Time(begin))}&to={Uri.EscapeDataString(Time(end))}";
var noon = from + ((to - from) / 2);
(string What, string Path)[] questions =
[
    ("timeline, all of it", $"/api/streams/bench/timeline?{Range(from, to)}"),
    ("timeline, one hour", $"/api/streams/bench/timeline?{Range(noon, noon.AddHours(1))}"),
    ("timeline, one minute", $"/api/streams/bench/timeline?{Range(noon, noon.AddMinutes(1))}"),
    ("the chunk at a moment", $"/api/chunks?stream=bench&limit=1&{Range(noon, noon.AddSeconds(1))}"),
    ("playlist, ten minutes", $"/api/streams/bench/playlist.m3u8?{Range(noon, noon.AddMinutes(10))}"),
    ("picture of a moment", $"/api/streams/bench/thumbnail?at={Uri.EscapeDataString(Time(noon))}"),
    ("plots, all of it", $"/api/streams/bench/trend?{Range(from, to)}"),
    ("plots, one hour", $"/api/streams/bench/trend?{Range(noon, noon.AddHours(1))}"),
    ("ledger, all of it", $"/api/ledger?{Range(from, to)}"),
];
using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
var first = questions.ToDictionary(question => question.What, _ => new List<double>());
var again = questions.ToDictionary(question => question.What, _ => new List<double>());
List<double> rss = [];
long chunks = 0;
for (var turn = 0; turn < turns; turn++)
{
    // A console that knows nothing yet: every question's first time is that of the first person who looks.
    await using var console = system.NewConsole();
    console.Environment.Remove("DOTNET_TieredPGO");
    console.Environment["Crispy__Archive__CacheFolder"] = folder[$"cache-{turn}"];
    await console.StartAsync();
    await console.UntilServingAsync();
    foreach (var (what, path) in questions)
    {
        first[what].Add(await AskAsync(console, path));
        again[what].Add(await AskAsync(console, path));
    }
    var ledger = (await http.GetFromJsonAsync<JsonNode>(new Uri($"http://127.0.0.1:{console.Port}/api/ledger?{Range(from, to)}")))!["streams"]![0]!;
    chunks = (long)ledger["captured"]!;
    if (chunks != (long)ledger["stored"]! || chunks < hours * 3600 / window) throw new InvalidOperationException($"the ledger does not hold all: {ledger}");
    rss.Add(ProcessTree.Read()["console"].RssMb);
}

return Report.Write(new()
{
    Bench = "console",
    About = string.Create(CultureInfo.InvariantCulture, $"{chunks} chunks of {window} s in the local bucket, and a console that has just been started, asked what its pages ask, in this order. \"First\" lists the bucket where it must; \"again\" is the same question once more."),
    Figures =
    [
        Statistics.Figure("console.day.first", "timeline of all of it, nothing known yet", first[questions[0].What], "ms"),
        Statistics.Figure("console.day.again", "the same again", again[questions[0].What], "ms"),
        new("console.rss", "resident memory of the console afterwards", rss.Max(), "MB"),
    ],
    Tables = [new("A day", ["question", "first, ms (spread)", "again, ms (spread)"], [.. questions.Select(question => (string[])[question.What, first[question.What].WithSpread(), again[question.What].WithSpread()])])],
}, new { chunks, first, again, rss });

static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

async Task<double> AskAsync(Service console, string path)
{
    var begin = TimeProvider.System.GetTimestamp();
    using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{console.Port}{path}"));
    var bytes = await answer.Content.ReadAsByteArrayAsync();
    var taken = TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
    return answer.IsSuccessStatusCode && bytes.Length > 0 ? taken : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(bytes)}");
}
