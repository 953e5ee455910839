using System.Collections.Concurrent;
using System.Text;
using Crispy.Console.Tests.Access;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Console.Tests.Auditing;

public sealed class KillTests
{
    private const string Token = "the-token-of-crispy-api-alone";

    [Fact]
    public async Task A_console_that_is_killed_while_it_writes_loses_no_entry_of_what_was_answered_and_writes_none_twice()
    {
        using var folder = new TempFolder();
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        var key = SigningKey.NewPrivatePem();
        var answered = new ConcurrentBag<string>();
        for (var kill = 0; kill < 4; kill++)
        {
            await using var console =
                await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}", $"--Crispy:Console:StreamHandle={fake.Address}",
                $"--Crispy:Console:AuditFolder={folder["audit"]}", "--Crispy:Console:AuditFileBytes=8192",
                "--Crispy:Console:AuditFiles=10000", $"--Crispy:Console:ReportKey={key}");
            using var client = new HttpClient { BaseAddress = console.Address };
            client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            await Until.TrueAsync(async () => (await client.GetAsync("/api/streams")).IsSuccessStatusCode);
            var (round, before) = (kill, answered.Count);
            var hammers = Enumerable.Range(0, 4).Select(hammer => HammerAsync(client, $"stream-{round}-{hammer}")).ToList();
            await Until.TrueAsync(() => answered.Count >= before + 40 + (round * 7));
            await console.KillAsync();
            await Task.WhenAll(hammers);
        }
        // One more start takes up what the last kill left.
        await using (await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}", $"--Crispy:Console:StreamHandle={fake.Address}",
            $"--Crispy:Console:AuditFolder={folder["audit"]}", "--Crispy:Console:AuditFileBytes=8192", "--Crispy:Console:AuditFiles=10000",
            $"--Crispy:Console:ReportKey={key}"))
        {
            using var verifier = new ManifestVerifier(SigningKey.PublicPem(key));
            var chain = new AuditChain(verifier);
            var lines = Directory.GetFiles(folder["audit"], "audit-*.jsonl").Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)
                .Select(Encoding.UTF8.GetBytes).ToList();
            Assert.All(lines, line => Assert.Null(chain.Check(line)));
            var entries = lines.Select(line => AuditLine.Read(line)).ToList();
            Assert.Equal(entries.Count, entries.DistinctBy(entry => entry.Id).Count());
            Assert.Empty(Directory.GetFiles(folder["audit", "pending"]));
            foreach (var stream in entries.Select(entry => entry.Stream).Distinct())
            {
                // Each is asked one after the other: at most the last one of a round had no answer.
                var told = answered.Count(each => each == stream);
                Assert.InRange(entries.Count(entry => entry.Stream == stream && entry.Status == 200), told, told + 1);
                Assert.InRange(entries.Count(entry => entry.Stream == stream), told, told + 1);
            }
            Assert.Equal(16, entries.Select(entry => entry.Stream).Distinct().Count());
        }

        async Task HammerAsync(HttpClient client, string stream)
        {
            try
            {
                while (true)
                {
                    using var answer = await client.PostAsync($"/api/streams/{stream}/pause", null);
                    Assert.Equal(200, (int)answer.StatusCode);
                    answered.Add(stream);
                }
            }
            catch (HttpRequestException)
            {
                // It was killed.
            }
        }
    }
}
