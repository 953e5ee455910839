using System.Collections.Concurrent;
using System.Text;
using Crispy.Console.Tests.Access;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Console.Tests.Auditing;

public sealed class KillTests : IDisposable
{
    private const string Token = "the-token-of-crispy-api-alone";

    private readonly TempFolder _folder = new();
    private readonly string _key = SigningKey.NewPrivatePem();
    private readonly ConcurrentBag<string> _answered = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_console_that_is_killed_while_it_writes_loses_no_entry_of_what_was_answered_and_writes_none_twice()
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        for (var round = 0; round < 4; round++) await KillUnderLoadAsync(fake, round);
        // One more start takes up what the last kill left.
        await using var console = await StartAsync(fake);
        var entries = ReadEntries();
        Assert.Equal(entries.Count, entries.DistinctBy(entry => entry.Id).Count());
        Assert.Empty(Directory.GetFiles(_folder["audit", "pending"]));
        foreach (var stream in entries.Select(entry => entry.Stream).Distinct())
        {
            // Each is asked one after the other: at most the last one of a round had no answer.
            var told = _answered.Count(each => each == stream);
            Assert.InRange(entries.Count(entry => entry.Stream == stream && entry.Status == 200), told, told + 1);
            Assert.InRange(entries.Count(entry => entry.Stream == stream), told, told + 1);
        }
        Assert.Equal(16, entries.Select(entry => entry.Stream).Distinct().Count());
    }

    private async Task KillUnderLoadAsync(FakeStreamHandle fake, int round)
    {
        await using var console = await StartAsync(fake);
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await Until.TrueAsync(async () => (await client.GetAsync("/api/streams")).IsSuccessStatusCode);
        var before = _answered.Count;
        var hammers = Enumerable.Range(0, 4).Select(hammer => HammerAsync(client, $"stream-{round}-{hammer}")).ToList();
        await Until.TrueAsync(() => _answered.Count >= before + 40 + (round * 7));
        await console.KillAsync();
        await Task.WhenAll(hammers);
    }

    private Task<RunningConsole> StartAsync(FakeStreamHandle fake) =>
        RunningConsole.StartAsync($"--Crispy:Api:Token={Token}", $"--Crispy:Console:StreamHandle={fake.Address}",
            $"--Crispy:Console:AuditFolder={_folder["audit"]}", "--Crispy:Console:AuditFileBytes=8192", "--Crispy:Console:AuditFiles=10000",
            $"--Crispy:Console:ReportKey={_key}");

    // Of all files, as one chain that holds.
    private List<AuditEntry> ReadEntries()
    {
        using var verifier = new ManifestVerifier(SigningKey.PublicPem(_key));
        var chain = new AuditChain(verifier);
        var lines = Directory.GetFiles(_folder["audit"], "audit-*.jsonl").Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)
            .Select(Encoding.UTF8.GetBytes).ToList();
        Assert.All(lines, line => Assert.Null(chain.Check(line)));
        return [.. lines.Select(line => AuditLine.Read(line))];
    }

    private async Task HammerAsync(HttpClient client, string stream)
    {
        try
        {
            while (true)
            {
                using var answer = await client.PostAsync($"/api/streams/{stream}/pause", null);
                Assert.Equal(200, (int)answer.StatusCode);
                _answered.Add(stream);
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }
}
