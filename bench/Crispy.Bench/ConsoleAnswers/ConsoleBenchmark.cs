using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Crispy.Bench.ConsoleAnswers;

/// <summary>What the person on duty waits for: a day of one stream, really recorded, and the console asked about it as its pages
/// ask.</summary>
internal sealed class ConsoleBenchmark : IDisposable
{
    private readonly double _hours;
    private readonly double _window;
    private readonly int _turns;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to = new(TimeProvider.System.GetUtcNow().Date, TimeSpan.Zero);
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };

    private ConsoleBenchmark(Options options)
    {
        _hours = options.Number("hours", 24);
        _window = options.Number("window", 3);
        _turns = options.Count("turns", 5);
        _from = _to.AddHours(-_hours);
    }

    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var benchmark = new ConsoleBenchmark(new(args, "hours", "window", "turns"));
        return await benchmark.RunAsync();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task<int> RunAsync()
    {
        var video = await MakeVideoAsync();
        await using var system = Running.AsShipped(workers: 2);
        await RecordAsync(system, video);
        IReadOnlyList<Question> questions = Question.About(_from, _to);
        List<double> rss = [];
        long chunks = 0;
        for (var turn = 0; turn < _turns; turn++)
        {
            // A console that knows nothing yet: the first person to look waits this long.
            await using var console = await StartAsync(system, turn);
            foreach (var question in questions)
            {
                question.First.Add(await AskAsync(console, question.Path));
                question.Again.Add(await AskAsync(console, question.Path));
            }
            chunks = await ChunksAsync(console);
            rss.Add(ProcessTree.Read()["console"].RssMb);
        }
        return Summary.Write(chunks, _window, questions, rss);
    }

    // A picture a second, as small as may be: what is listed are chunks, however large.
    private async Task<string> MakeVideoAsync()
    {
        var video = _folder["day.mkv"];
        var picture = $"color=size=64x36:rate=1:duration={_hours * 3600}";
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", picture,
            "-c:v", "libx264", "-preset", "ultrafast", "-g", "1", video);
        return video;
    }

    private async Task RecordAsync(WholeSystem system, string video)
    {
        system.SetStreams([new Dictionary<string, string>
        {
            ["Id"] = Question.Stream,
            ["Url"] = video,
            ["Window"] = _window.ToString(CultureInfo.InvariantCulture),
            ["StartTime"] = Question.Time(_from),
        }]);
        await system.StartAllAsync();
        await system.DrainAsync(TimeSpan.FromMinutes(30));
        await Task.WhenAll(system.Workers.Append(system.ChunkLogger).Select(service => service.StopAsync()));
    }

    private async Task<Service> StartAsync(WholeSystem system, int turn)
    {
        var console = system.NewConsole();
        console.Environment.Remove("DOTNET_TieredPGO");
        console.Environment["Crispy__Archive__CacheFolder"] = _folder[$"cache-{turn}"];
        await console.StartAsync();
        await console.UntilServingAsync();
        return console;
    }

    private async Task<double> AskAsync(Service console, string path)
    {
        var begin = TimeProvider.System.GetTimestamp();
        using var answer = await _http.GetAsync(Address(console, path));
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var taken = TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        return answer.IsSuccessStatusCode && bytes.Length > 0 ? taken
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(bytes)}");
    }

    // By the ledger, which must hold all of them.
    private async Task<long> ChunksAsync(Service console)
    {
        var answer = await _http.GetFromJsonAsync<JsonNode>(Address(console, $"/api/ledger?{Question.Range(_from, _to)}"));
        var ledger = answer!["streams"]![0]!;
        var chunks = (long)ledger["captured"]!;
        return chunks == (long)ledger["stored"]! && chunks >= _hours * 3600 / _window ? chunks
            : throw new InvalidOperationException($"the ledger does not hold all: {ledger}");
    }

    private static Uri Address(Service console, string path) => new($"http://127.0.0.1:{console.Port}{path}");
}
