using System.Text;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Testing;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class DeadLetterTests(Installation installation)
{
    [Fact]
    public async Task A_chunk_that_was_damaged_in_the_spool_is_replayed_once_it_is_repaired_and_another_is_discarded()
    {
        var damaged = await DamageTwoChunksAsync();
        await using var opened = await installation.OpenAsync("/dead");
        var rows = Rows(opened);
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await Assertions.Expect(rows.First).ToContainTextAsync("The file is not what was signed");
        var (dead, gone) = (Dead(damaged[0]), Dead(damaged[1]));
        await LookAtFilesAsync(opened, dead, gone);

        // Repaired by hand, then replayed by the page.
        using (var video = new FileStream(dead, FileMode.Open)) video.SetLength(video.Length - 1);
        await ReplayAsync(opened);
        await Until.TrueAsync(() => !File.Exists(dead) && !File.Exists(damaged[0]));

        const string why = "the disk was damaged, seen by Jo";
        await DiscardAsync(opened, why);
        await AccountTellsAsync(opened, why);
    }

    // While the workers stand still, so that they die of it.
    private async Task<List<string>> DamageTwoChunksAsync()
    {
        var workers = installation.Processes("Crispy.UploadWorker");
        Assert.Equal(2, workers.Count);
        foreach (var worker in workers) await Command.RunAsync("kill", "-s", "STOP", $"{worker}");
        var known = Ready().ToHashSet();
        try
        {
            await Until.TrueAsync(() => Ready().Count(path => !known.Contains(path)) >= 3);
            List<string> damaged = [.. Ready().Where(path => !known.Contains(path)).Order().Take(2)];
            foreach (var path in damaged) File.AppendAllText(path, "!");
            return damaged;
        }
        finally
        {
            foreach (var worker in workers) await Command.RunAsync("kill", "-s", "CONT", $"{worker}");
        }
    }

    // What the files are is read when somebody looks, by keyboard too.
    private static async Task LookAtFilesAsync(ConsolePage opened, string dead, string gone)
    {
        var (page, rows) = (opened.Page, Rows(opened));
        await Assertions.Expect(page.Locator("details")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("details[open]")).ToHaveCountAsync(0);
        var file = rows.First.Locator("[data-part=file]");
        await rows.First.Locator("summary").PressAsync("Enter");
        await Assertions.Expect(file).ToContainTextAsync("640 × 360, h264 in mkv");
        await Assertions.Expect(file)
            .ToContainTextAsync($"{new FileInfo(dead).Length:N0} bytes, should be {new FileInfo(dead).Length - 1:N0} bytes");
        await Assertions.Expect(file).ToContainTextAsync("the file is not what was recorded");
        await Assertions.Expect(file).ToContainTextAsync("good: a known key signed the manifest");
        File.Delete(gone);
        await rows.Last.Locator("summary").ClickAsync();
        await Assertions.Expect(rows.Last.Locator("[data-part=file]")).ToContainTextAsync("It cannot be read: there is no file.");
        Assert.DoesNotContain((await page.RunAxe()).Violations, finding => finding.Impact is "serious" or "critical");
    }

    private static async Task ReplayAsync(ConsolePage opened)
    {
        var rows = Rows(opened);
        var file = rows.First.Locator("[data-part=file]");
        await rows.First.Locator("summary").ClickAsync();
        await Assertions.Expect(file).ToBeHiddenAsync();
        await rows.First.Locator("summary").ClickAsync();
        await Assertions.Expect(file).ToContainTextAsync("It can be read to its end.");
        await Assertions.Expect(file).ToContainTextAsync("the file is what was recorded");
        await rows.First.GetByRole(AriaRole.Checkbox).CheckAsync();
        await opened.Button("Replay 1").ClickAsync();
        await Assertions.Expect(opened.Page.GetByText("1 chunk was sent to be stored once more.")).ToBeVisibleAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
    }

    private static async Task DiscardAsync(ConsolePage opened, string why)
    {
        await Rows(opened).First.GetByRole(AriaRole.Checkbox).CheckAsync();
        await opened.Button("Discard 1").ClickAsync();
        await Assertions.Expect(opened.Dialog).ToContainTextAsync("cannot be undone");
        // Without a reason nothing is given up.
        await opened.DialogButton("Discard").ClickAsync();
        await Assertions.Expect(opened.Dialog).ToContainTextAsync("Say why in a few words.");
        await opened.Dialog.GetByLabel("Why").FillAsync(why);
        await opened.DialogButton("Discard").ClickAsync();
        await Assertions.Expect(opened.Page.GetByText("No dead letters")).ToBeVisibleAsync();
    }

    // What was given up is in the ledger, with its reason, and the account is complete.
    private async Task AccountTellsAsync(ConsolePage opened, string why)
    {
        var page = opened.Page;
        await page.GotoAsync(new Uri(installation.Address, "/losses").ToString());
        await Assertions.Expect(page.Locator("tr[data-stream=gate]")).ToBeVisibleAsync();
        await Until.TrueAsync(async () =>
        {
            await opened.Button("1 h").ClickAsync();
            return await page.GetByText("discarded by a person").CountAsync() > 0;
        });
        await Assertions.Expect(page.Locator("[data-part=verdict]")).ToContainTextAsync("The account is complete");
        var csv = await GetAsync(opened, await opened.Button("CSV").GetAttributeAsync("href"));
        Assert.Contains("gate", await csv.TextAsync(), StringComparison.Ordinal);
        var report = await GetAsync(opened, await opened.Button("Signed report").GetAttributeAsync("href"));
        Assert.Contains("discarded", await report.TextAsync(), StringComparison.Ordinal);
        // The reason is in the signed record itself.
        var streams = JsonNode.Parse((await report.TextAsync()).Split('\n')[0])!["streams"]!.AsArray();
        var record = streams.First(stream => (string?)stream!["account"]!["id"] == "gate")!["lossRecords"]!.AsArray()[0]!;
        var payload = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars((string)record["payload"]!));
        Assert.Contains(why, payload, StringComparison.Ordinal);
        var keySet = await GetAsync(opened, "/.well-known/jwks.json");
        using var keys = new ManifestVerifier(SigningKey.ReadPublic(await keySet.TextAsync(), KeyPurpose.Reports));
        var signed = LedgerReport.Read(await report.BodyAsync());
        Assert.Equal(SignatureState.Verified, signed.Check(keys));
        await Assertions.Expect(page.Locator("[data-part=report]")).ToContainTextAsync(ManifestVerifier.KeyIdOf(signed.Signature)!);
    }

    private Task<IAPIResponse> GetAsync(ConsolePage opened, string? path) =>
        opened.Page.APIRequest.GetAsync(new Uri(installation.Address, path).ToString());

    private static ILocator Rows(ConsolePage opened) => opened.Page.Locator("tbody tr");

    private static string Dead(string path) => path.Replace("/ready/", "/dead/", StringComparison.Ordinal);

    private List<string> Ready() =>
        [.. Directory.EnumerateFiles(Path.Combine(installation.Spool, "gate", "ready"), "*.mkv")
            .Where(video => File.Exists(Path.ChangeExtension(video, ".json")))];
}
