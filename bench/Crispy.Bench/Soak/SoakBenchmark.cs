using System.Globalization;

namespace Crispy.Bench.Soak;

/// <summary>Streams in real time for as long as wanted. What grows between the middle third of the time and the last third fails the
/// run.</summary>
internal sealed class SoakBenchmark
{
    private readonly double _minutes;
    private readonly int _streams;
    private readonly double _window;
    private readonly TimeSpan _interval;
    private readonly List<Sample> _samples = [];
    private readonly List<Backlog> _backlog = [];

    private SoakBenchmark(Options options)
    {
        _minutes = options.Number("minutes", 20);
        _streams = options.Count("streams", 4);
        _window = options.Number("window", 3);
        _interval = TimeSpan.FromSeconds(options.Number("interval", 10));
    }

    /// <summary>Runs it.</summary>
    /// <returns>1 where something grows, or a process ended, or chunks are missing.</returns>
    public static Task<int> RunAsync(string[] args) => new SoakBenchmark(new(args, "minutes", "streams", "window", "interval")).RunAsync();

    private async Task<int> RunAsync()
    {
        using var folder = new TempFolder();
        var source = await MakeSourceAsync(folder);
        await using var system = new WholeSystem();
        await StartAsync(system, source);
        (string Name, Service Service)[] processes =
        [
            ("stream-handle", system.StreamHandle), ("upload-worker-0", system.Workers[0]), ("upload-worker-1", system.Workers[1]),
            ("chunk-logger", system.ChunkLogger), ("emulator", system.Emulator),
        ];
        await WatchAsync(system, processes);

        string[] names = [.. processes.Select(process => process.Name)];
        var growth = Growing(names);
        foreach (var line in growth) Console.WriteLine(line);
        var logged = _backlog.Count > 0 ? _backlog[^1].Logged : 0;
        if (logged < _streams * (_minutes * 60 / _window) * 0.8) growth.Add($"only {logged} chunks were logged");
        Console.WriteLine(growth.Count == 0 ? $"nothing grows; {logged} chunks logged" : $"{growth.Count} things grow or failed");
        Write(names, growth, logged);
        return growth.Count == 0 ? 0 : 1;
    }

    private async Task<string> MakeSourceAsync(TempFolder folder)
    {
        var options = new TestVideoOptions { Size = "320x180", Fps = "25", Gop = 25, Seconds = 60, Audio = "aac" };
        var minute = await TestVideo.CreateAsync(folder["minute.mkv"], options);
        await Command.RunAsync("ffmpeg", "-v", "error", "-stream_loop", $"{(int)_minutes + 1}", "-i", minute, "-c", "copy",
            folder["source.mkv"]);
        return folder["source.mkv"];
    }

    private async Task StartAsync(WholeSystem system, string source)
    {
        await system.StartServersAsync();
        system.SetStreams(Enumerable.Range(0, _streams).Select(index => new Dictionary<string, string>
        {
            ["Id"] = $"cam-{index}",
            ["Url"] = source,
            ["Realtime"] = "true",
            ["Window"] = _window.ToString(CultureInfo.InvariantCulture),
        }));
        foreach (var service in (Service[])[system.StreamHandle, .. system.Workers]) await service.StartAsync();
    }

    private async Task WatchAsync(WholeSystem system, (string Name, Service Service)[] processes)
    {
        Console.WriteLine($"{"minutes",8} {"process",-16} {"RSS MB",8} {"PSS MB",8} {"handles",8} {"threads",8}   "
            + "spool MB, chunks in it, chunks logged");
        var begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin).TotalMinutes is var now && now < _minutes)
        {
            var status = await system.StatusAsync();
            var backlog = new Backlog(now, ((long?)status?["spoolBytes"] ?? 0) / 1e6, (long?)status?["spooled"] ?? 0,
                system.LogLines().Count);
            _backlog.Add(backlog);
            foreach (var (name, service) in processes)
            {
                if (Sample.Take(name, service.ProcessId, now) is not { } sample) continue;
                _samples.Add(sample);
                Console.WriteLine($"{now,8:0.00} {name,-16} {sample.RssMb,8:0.0} {sample.PssMb,8:0.0} {sample.Handles,8} "
                    + $"{sample.Threads,8}   {backlog.SpoolMb:0.0}, {backlog.Spooled}, {backlog.Logged}");
            }
            await Task.Delay(_interval, TimeProvider.System);
        }
    }

    private List<string> Growing(string[] names)
    {
        var growth = new Growth(_minutes);
        foreach (var name in names)
        {
            var of = _samples.Where(sample => sample.Process == name).ToList();
            if (of.Count == 0 || of[^1].Minutes < _minutes * 0.8) growth.Found.Add($"{name} ended");
            growth.Compare($"{name} RSS", of.Select(sample => (sample.Minutes, sample.RssMb)), part: 0.10, slack: 10);
            growth.Compare($"{name} handles", of.Select(sample => (sample.Minutes, (double)sample.Handles)), part: 0.05, slack: 10);
            growth.Compare($"{name} threads", of.Select(sample => (sample.Minutes, (double)sample.Threads)), part: 0.05, slack: 6);
        }
        growth.Compare("spool MB", _backlog.Select(each => (each.Minutes, each.SpoolMb)), part: 0.2, slack: 5);
        growth.Compare("chunks in the spool", _backlog.Select(each => (each.Minutes, (double)each.Spooled)), part: 0.2,
            slack: _streams * 2);
        return growth.Found;
    }

    private void Write(string[] names, List<string> growth, long logged) => Results.Write(new()
    {
        Bench = "soak",
        About = $"{_streams} streams in real time for {_minutes} minutes: "
            + "what grows between the middle third of the time and the last third.",
        Figures = [new("soak.growing", "things that grow (memory, handles, threads, spool) or failed", growth.Count, "") { AtMost = 0 }],
        Tables =
        [
            new("At the end", ["process", "RSS MB", "PSS MB", "handles", "threads"],
                [.. names.Select(name => _samples.LastOrDefault(sample => sample.Process == name)).OfType<Sample>().Select(sample =>
                    (string[])[sample.Process, sample.RssMb.Text(), sample.PssMb.Text(), $"{sample.Handles}", $"{sample.Threads}"])]),
        ],
        Plots = [new("rss", "Resident memory", "minutes", "MB", [.. _samples.GroupBy(sample => sample.Process).Select(of =>
            new Series(of.Key, [.. of.Select(sample => sample.Minutes)], [.. of.Select(sample => sample.RssMb)]))])],
    }, new { minutes = _minutes, streams = _streams, window = _window, logged, growth, samples = _samples, backlog = _backlog });
}
