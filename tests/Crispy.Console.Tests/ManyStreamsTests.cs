using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class ManyStreamsTests(Installation installation, ITestOutputHelper output)
{
    private const int Count = 200;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 8 };
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Two_hundred_streams_are_drawn_as_far_as_they_are_seen_and_their_cost_is_written_down()
    {
        var ids = Enumerable.Range(0, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"many-{number:000}")).ToList();
        try
        {
            // Files that are not there: registered, told of, and costing no ffmpeg.
            await Parallel.ForEachAsync(ids, AtOnce,
                async (id, _) =>
                    (await installation.PostAsync("/api/streams", new { id, url = $"/nowhere/{id}.mp4", group = $"Building {id[^1]}" }))
                    .EnsureSuccessStatusCode());
            await using var opened = await installation.OpenAsync("/");
            await Assertions.Expect(opened.Page.Locator(".tiles"))
                .ToHaveAttributeAsync("data-total", new System.Text.RegularExpressions.Regex("^20[2-9]$"));
            Assert.InRange(await opened.Page.Locator(".tile").CountAsync(), 1, Count / 2);
            await Assertions.Expect(opened.Page.Locator(".stream-group")).ToHaveCountAsync(11);
            await MeasureAsync(opened);

            await opened.Page.GetByRole(AriaRole.Searchbox).FillAsync("many-199");
            await Assertions.Expect(opened.Page.Locator(".tile")).ToHaveCountAsync(1);
            await Assertions.Expect(opened.Tile("many-199")).ToBeVisibleAsync();
        }
        finally
        {
            await Parallel.ForEachAsync(ids, AtOnce, async (id, _) => await installation.DeleteAsync($"/api/streams/{id}"));
        }
    }

    private async Task MeasureAsync(ConsolePage opened)
    {
        var paint = await opened.NumberAsync("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");
        var session = await opened.Page.Context.NewCDPSessionAsync(opened.Page);
        long bytes = 0, frames = 0;
        session.Event("Network.webSocketFrameReceived").OnEvent += (_, e) =>
        {
            Interlocked.Add(ref bytes, e?.GetProperty("response").GetProperty("payloadData").GetString()?.Length ?? 0);
            Interlocked.Increment(ref frames);
        };
        await session.SendAsync("Network.enable");
        await session.SendAsync("Performance.enable");
        var loaded = await opened.NumberAsync(
            "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
                + ".reduce((sum, entry) => sum + (entry.transferSize || 0), 0)");
        var page = await opened.NumberAsync("() => performance.getEntriesByType('navigation')[0].transferSize");
        var nodes = await opened.NumberAsync("() => document.querySelectorAll('*').length");
        var console = Process.GetProcessById(installation.Processes("Crispy.Console").Single());
        var (busy, cpu) = (await TaskSecondsAsync(session), console.TotalProcessorTime);
        using (var clock = new PeriodicTimer(Watched)) await clock.WaitForNextTickAsync();
        console.Refresh();
        var seconds = Watched.TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count + 2} streams: first paint {paint:0} ms; {nodes:0} elements; "
                + $"{page / 1000:0} kB for the page, {loaded / 1000:0} kB with all that belongs to it; "
                + $"updates {frames / seconds:0.0} messages and {bytes / seconds / 1000:0.0} kB a second,"));
        var ofBrowser = (await TaskSecondsAsync(session) - busy) / seconds;
        var ofConsole = (console.TotalProcessorTime - cpu).TotalSeconds / seconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ofBrowser:P1} of a core in the browser, {ofConsole:P1} in the console, "
                + $"whose memory is {console.WorkingSet64 / 1e6:0} MB"));
    }

    private static async Task<double> TaskSecondsAsync(ICDPSession session)
    {
        var metrics = JsonNode.Parse((await session.SendAsync("Performance.getMetrics")).ToString()!)!["metrics"]!.AsArray();
        return (double)metrics.First(metric => (string?)metric!["name"] == "TaskDuration")!["value"]!;
    }
}
