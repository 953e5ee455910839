using Crispy.Testing;

namespace Crispy.Deployment.Tests.Alarms;

/// <summary>The alert rules against what real processes export while everything goes wrong.</summary>
public sealed class AlertRuleTests
{
    private const string Yard = "CrispyCameraAway yard";
    private const string Discovery = "kubernetes_sd_configs:\n      - role: pod\n        namespaces: { names: [crispy] }\n";

    [Fact]
    public async Task Rules_and_configuration_are_such_that_Prometheus_takes_them()
    {
        Assert.Contains("SUCCESS", await Command.RunAsync("promtool", "check", "rules", RuleTest.Rules), StringComparison.Ordinal);
        foreach (var file in (string[])["prometheus.yaml", "kubernetes.yaml"])
        {
            using var folder = new TempFolder();
            // Debian's Prometheus is built without discovery by Kubernetes.
            var text = Repository.Read("deploy", "prometheus", file)
                .Replace(Discovery, "static_configs:\n      - targets: [pod]\n", StringComparison.Ordinal);
            await File.WriteAllTextAsync(folder[file], text, TestContext.Current.CancellationToken);
            await Command.RunAsync("promtool", "check", "config", "--syntax-only", folder[file]);
        }
    }

    [Fact]
    public void Each_alert_says_how_grave_it_is_what_is_so_and_what_to_do()
    {
        var rules = PrometheusFiles.Alerts();
        Assert.NotEmpty(rules);
        foreach (var rule in rules)
        {
            Assert.StartsWith("Crispy", rule.Name, StringComparison.Ordinal);
            Assert.Contains(rule.Severity, (string[])["critical", "warning"]);
            Assert.True(rule.Summary.Length > 10, rule.Name);
            Assert.True(rule.Description.Length > 40, rule.Name);
            Assert.Contains($"`{rule.Name}`", Repository.Read("docs", "operations.md"), StringComparison.Ordinal);
        }
        Assert.Equal(rules.Count, rules.Select(rule => rule.Name).Distinct().Count());
    }

    [Fact]
    public async Task Each_outage_fires_its_alerts_and_no_others_and_what_is_over_stops()
    {
        await using var camera = await RtspCamera.StartAsync(fps: 10, gop: 5);
        await using var system = await AlarmedSystem.StartAsync(
            Stream("lobby", "demo:?size=320x240&fps=10", ("Crf", "5")), Stream("gate", camera.Url),
            Stream("yard", $"rtsp://127.0.0.1:{FreePort.Next()}/nobody"), Stream("door", $"rtsp://127.0.0.1:{FreePort.Next()}/nobody"));
        var start = await system.ScrapeAsync();
        await system.PostAsync("/api/streams/door/pause");
        var story = new RuleTest(start);

        // One camera never answered; one is away on purpose.
        var healthy = await system.UntilAsync(now => IsRecorded(now, "lobby", start) && IsRecorded(now, "gate", start)
            && Is(now, "yard", "backoff") && Is(now, "door", "paused") && now.Sum("crispy_bucket_up") == 1, "both are recorded");
        story.Add("all is well", healthy, 14, Yard);

        await system.WithHaltedWorkerAsync(() => TamperAsync(system));
        var tampered = await system.UntilAsync(now => now.Sum("crispy_law_balance") > 0
            && now.Sum("crispy_chunks_dead", ("stream", "lobby")) > 0 && now.Sum("crispy_uploads_dead_total", ("reason", "damaged")) > 0
            && now.Sum("crispy_uploads_dead_total", ("reason", "missing")) > 0
            && IsRecorded(now, "lobby", healthy) && IsRecorded(now, "gate", healthy), "a dead chunk and a hole");
        string[] lasting = [Yard, "CrispyDeadChunks lobby", "CrispyLawOutOfBalance lobby"];
        story.Add("somebody tampers with the spool", tampered, 11, [.. lasting, "CrispyDeadLetters"]);

        await system.EndBucketAsync();
        await camera.StopAsync();
        await system.UntilAsync(now => now.Sum("crispy_chunks_lost_total") > 0, "the spool is full and drops chunks");
        Age(system, "lobby");
        var outage = await system.UntilAsync(now => now.Sum("crispy_bucket_up") == 0 && Is(now, "gate", "backoff")
            && now.Sum("crispy_spool_room_bytes") < 400_000 && now.Sum("crispy_spool_until_full_seconds") < 3600
            && now.Sum("crispy_oldest_waiting_seconds", ("stream", "lobby")) > 300, "the whole outage");
        story.Add("bucket and camera are gone", outage, 11, [.. lasting, .. Lost(outage), "CrispyCameraAway gate", "CrispyBucketAway",
            "CrispyUploadsBehind lobby", "CrispySpoolFillsUp", "CrispySpoolNearlyFull"]);

        await system.StartBucketAsync();
        await camera.StartAsync();
        var back = await system.UntilAsync(now => now.Sum("crispy_bucket_up") == 1 && now.Sum("crispy_spool_room_bytes") > 1_200_000
            && now.Sum("crispy_oldest_waiting_seconds") < 60 && IsRecorded(now, "gate", outage) && IsRecorded(now, "lobby", outage),
            "all is back");
        story.Pass(back);
        var over = await system.UntilAsync(now => IsRecorded(now, "gate", back) && IsRecorded(now, "lobby", back), "they record on");
        story.Add("it is over", over, 14, lasting);

        await story.AssertAsync();
    }

    [Fact]
    public async Task Each_metric_that_an_alert_or_the_dashboard_names_is_exported_from_the_start()
    {
        await using var system = await AlarmedSystem.StartAsync(Stream("gate", $"rtsp://127.0.0.1:{FreePort.Next()}/nobody"));
        await system.StartOthersAsync();

        var names = (await system.UntilAsync(now => now.Sum("crispy_law_balance") is not null, "its journal is read")).Names;

        foreach (var (where, name) in PrometheusFiles.NamesInAlerts().Concat(PrometheusFiles.NamesInDashboard()))
            Assert.True(names.Contains(name), $"{where}: nobody exports {name}");
        var worker =
            (await system.ScrapeAsync()).Samples.Where(sample => sample is { IsCounter: true, Job: "upload-worker" or "chunk-logger" }
            && sample.Name.StartsWith("crispy_", StringComparison.Ordinal)).ToList();
        Assert.True(worker.Count > 20);
        Assert.All(worker, sample => Assert.Equal((sample.Series, 0), (sample.Series, sample.Value)));
        foreach (var job in (string[])["stream-handle", "upload-worker", "console", "chunk-logger"])
            Assert.Equal((job, 401), (job, await system.StatusWithoutTokenAsync(job)));
    }

    private static Dictionary<string, string> Stream(string id, string url, params (string Key, string Value)[] more) => new(
        more.Select(each => KeyValuePair.Create(each.Key, each.Value)))
        { ["Id"] = id, ["Url"] = url, ["Window"] = "0.5", ["StallTimeout"] = "2" };

    private static bool Is(Scrape now, string stream, string state) =>
        now.Sum("crispy_stream_state", ("stream", stream), ("state", state)) == 1;

    private static bool IsRecorded(Scrape now, string stream, Scrape before) => Is(now, stream, "running")
        && Frames(now, stream) > Frames(before, stream);

    private static double Frames(Scrape scrape, string stream) => scrape.Sum("crispy_captured_frames_total", ("stream", stream)) ?? -1;

    private static IEnumerable<string> Lost(Scrape scrape) => ((string[])["lobby", "gate"])
        .Where(stream => scrape.Sum("crispy_chunks_lost_total", ("stream", stream)) > 0).Select(stream => $"CrispyChunksLost {stream}");

    // One chunk is changed and one taken away, while the worker stands still.
    private static async Task TamperAsync(AlarmedSystem system)
    {
        // What the worker had begun it may have stored already.
        var begun = Ready(system, "lobby");
        List<string> found = [];
        await Until.TrueAsync(() => (found = [.. Ready(system, "lobby").Except(begun).Order(StringComparer.Ordinal)]).Count >= 2);
        await File.AppendAllTextAsync(Path.ChangeExtension(found[0], ".mkv"), "more");
        File.Delete(found[1]);
        File.Delete(Path.ChangeExtension(found[1], ".mkv"));
    }

    private static List<string> Ready(AlarmedSystem system, string stream) =>
        [.. Directory.EnumerateFiles(Path.Combine(system.Spool, stream, "ready"), "*.json")];

    // What waits looks as if it had waited for ten minutes.
    private static void Age(AlarmedSystem system, string stream)
    {
        foreach (var manifest in Ready(system, stream))
        {
            try
            {
                File.SetLastWriteTimeUtc(manifest, File.GetLastWriteTimeUtc(manifest).AddMinutes(-10));
            }
            catch (IOException)
            {
                // It was dropped meanwhile.
            }
        }
    }
}
