using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Crispy.Bench.Throughput;

/// <summary>One run over the file.</summary>
/// <param name="Seconds">From the start of reading to the last stored object.</param>
/// <param name="Chunks">Objects that came of it.</param>
/// <param name="Bytes">Bytes of all.</param>
/// <param name="Processes">What each process used.</param>
internal sealed record Turn(double Seconds, int Chunks, long Bytes, IReadOnlyList<Spent> Processes);

/// <summary>Runs over one file, by Crispy and by ffmpeg with curl. Each leaves the bucket empty.</summary>
internal sealed class Turns(WholeSystem system, string source, int frames, double window, int parallel)
{
    private const string BaselineBucket = "baseline";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly HttpClient Http = new();

    private string Window => window.ToString(CultureInfo.InvariantCulture);

    private string Bucket => $"http://127.0.0.1:{system.Emulator.Port}";

    /// <summary>What starting stream-handle costs when it has no stream.</summary>
    public static async Task<IReadOnlyList<Spent>> StartOnlyAsync(WholeSystem system)
    {
        var sampler = Sampler.Start(Interval);
        await system.StreamHandle.StartAsync();
        await Until.TrueAsync(async () => await system.StatusAsync() is not null);
        var spent = await sampler.StopAsync();
        await system.StreamHandle.StopAsync();
        return spent;
    }

    /// <summary>chunk-logger drops the events of this bucket at once.</summary>
    public async Task CreateBaselineBucketAsync()
    {
        using var created = await Http.PostAsJsonAsync(new Uri($"{Bucket}/storage/v1/b?project=bench"), new { name = BaselineBucket });
        created.EnsureSuccessStatusCode();
    }

    /// <summary>The whole pipeline. Time runs from when stream-handle, started for this turn, opens the source, to the bucket's time of
    /// the last object.</summary>
    /// <exception cref="InvalidOperationException">Not every frame is in the bucket exactly once.</exception>
    public async Task<Turn> CrispyAsync(string stream)
    {
        system.SetStreams([new Dictionary<string, string> { ["Id"] = stream, ["Url"] = source, ["Window"] = Window }]);
        var sampler = Sampler.Start(Interval);
        await system.StreamHandle.StartAsync();
        JsonNode? status = null;
        await Until.TrueAsync(async () =>
        {
            if (!system.StreamHandle.IsRunning) throw new InvalidOperationException(system.StreamHandle.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(80), TimeProvider.System);
            return (status = await system.StatusAsync())?["ended"]?.GetValue<bool>() == true && await system.PendingEventsAsync() == 0;
        }, Limit);
        var processes = await sampler.StopAsync();
        await system.StreamHandle.StopAsync();

        var objects = await system.ObjectsAsync(stream);
        var stored = objects.Sum(item => int.Parse((string)item["metadata"]!["crispy-frames"]!, CultureInfo.InvariantCulture));
        if (stored != frames) throw new InvalidOperationException($"{stored} frames are stored, {frames} were sent");
        var seconds = (objects.Max(item => item["timeCreated"].Time()) - status!["startedAt"].Time()).TotalSeconds;
        var bytes = objects.Sum(item => long.Parse((string)item["size"]!, CultureInfo.InvariantCulture));
        foreach (var item in objects) await DeleteAsync(WholeSystem.Bucket, (string)item["name"]!);
        return new(seconds, objects.Count, bytes, processes);
    }

    /// <summary>ffmpeg's segment muxer, then curl. Time runs from ffmpeg's start to curl's end.</summary>
    public async Task<Turn> BaselineAsync(string prefix)
    {
        using var folder = new TempFolder();
        var sampler = Sampler.Start(Interval);
        var begin = TimeProvider.System.GetTimestamp();
        await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-i", source, "-map", "0", "-c", "copy", "-f", "segment",
            "-segment_time", Window, "-segment_format", "matroska", folder["%08d.mkv"]);
        var files = Directory.GetFiles(folder.Path, "*.mkv");
        await Curl.SendAsync(folder["curl.conf"], parallel, files.Select(file => (string[])
            ["fail", $"url = \"{Bucket}/{BaselineBucket}/{prefix}/{Path.GetFileName(file)}\"", $"upload-file = \"{file}\""]),
            "--fail-early");
        var seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        var processes = await sampler.StopAsync();
        await Until.TrueAsync(async () => await system.PendingEventsAsync() == 0, Limit);
        var bytes = files.Sum(file => new FileInfo(file).Length);
        foreach (var file in files) await DeleteAsync(BaselineBucket, $"{prefix}/{Path.GetFileName(file)}");
        return new(seconds, files.Length, bytes, processes);
    }

    private async Task DeleteAsync(string bucket, string name)
    {
        using var deleted = await Http.DeleteAsync(new Uri($"{Bucket}/storage/v1/b/{bucket}/o/{Uri.EscapeDataString(name)}"));
        deleted.EnsureSuccessStatusCode();
    }
}
