using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Crispy.Archive;
using Crispy.Cli.Ledgers;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.Cli.Tests;

/// <summary>Reports as the archive makes them of a bucket, and as somebody who wants another account would change them.</summary>
public sealed class LedgerReportTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _chunks = new(SigningKey.NewPrivatePem());
    private readonly string _key = SigningKey.NewPrivatePem();
    private readonly ManifestSigner _reports;
    private byte[] _report = [];

    public LedgerReportTests() => _reports = LedgerReport.Signer(_key);

    private string Keys => _folder["jwks.json"];

    private JsonNode Json => JsonNode.Parse(LedgerReport.Read(_report).Json)!;

    public async ValueTask InitializeAsync()
    {
        await using var bucket = await EmulatedBucket.StartAsync(_folder["run"]);
        var (gate, door) = (new Recording("gate", _chunks).Chunks(3).Unusable().Chunks(2).DropLast().Chunks(1, final: true),
            new Recording("door", _chunks).Chunks(2, final: true));
        await bucket.UploadAsync(gate);
        await bucket.UploadAsync(door);
        var services = new ServiceCollection().AddLogging()
            .AddArchive(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["STORAGE_EMULATOR_HOST"] = bucket.Host, ["Crispy:Bucket"] = EmulatedBucket.Name,
            ["Crispy:Signing:PublicKeys"] = _chunks.PublicPem, ["Crispy:Archive:CacheFolder"] = _folder["cache"],
        }).Build(), reports: new(_key));
        await using var provider = services.BuildServiceProvider();
        _report = await provider.GetRequiredService<ChunkArchive>().ReportAsync(Recording.Start, gate.At);
        var (one, other) = (SigningKey.ReadPublic(_chunks.PublicPem), SigningKey.ReadPublic(_reports.PublicPem));
        File.WriteAllBytes(Keys, JsonWebKeySet.Write(one, other));
        foreach (var key in one.Concat(other)) key.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _chunks.Dispose();
        _reports.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_report_is_verified_with_its_records_and_its_sums()
    {
        File.WriteAllBytes(_folder["report.jws"], _report);
        var text = await Cli.RunAsync("verify", _folder["report.jws"], "--keys", Keys);
        Assert.Equal((3, ""), (text.ExitCode, text.Error));
        Assert.Equal(
            [$"{_folder["report.jws"]}: signed by {_reports.KeyId}",
                "gate: captured 7 = stored 5 + spooled 0 + dead 0 + lost 2 + missing 0; 4 signed records",
                "door: captured 2 = stored 2 + spooled 0 + dead 0 + lost 0 + missing 0; 2 signed records"],
            text.Output.Split('\n').Where(line => line.StartsWith('/') || line.Contains("captured", StringComparison.Ordinal))
                .OrderBy(line => line.StartsWith('/') ? 0 : line.StartsWith("gate", StringComparison.Ordinal) ? 1 : 2));
        Assert.Contains(": unusable, ", text.Output, StringComparison.Ordinal);
        Assert.EndsWith("reports=1 streams=2 losses=2 findings=0: what was signed, and complete, but video is declared lost\n", text.Output,
            StringComparison.Ordinal);

        var door = await Cli.RunAsync("verify", "--json", "--stream", "door", "--keys", Keys, _folder["report.jws"]);
        Assert.Equal((0, true, _reports.KeyId),
            (door.ExitCode, (bool)JsonNode.Parse(door.Output)!["ok"]!, (string?)JsonNode.Parse(door.Output)!["reports"]![0]!["key"]));

        _report[_report.Length / 2] ^= 1;
        File.WriteAllBytes(_folder["report.jws"], _report);
        var changed = await Cli.RunAsync("verify", _folder["report.jws"], "--keys", Keys);
        Assert.Equal((1, ""), (changed.ExitCode, changed.Error));
        Assert.Contains("FORGED", changed.Output, StringComparison.Ordinal);
        Assert.EndsWith("NOT to be relied on\n", changed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_byte_anywhere_is_a_finding()
    {
        for (var at = 0; at < _report.Length; at += at < _report.Length - 300 ? 101 : 7)
        {
            var changed = _report.ToArray();
            changed[at] ^= 1;
            Assert.NotEmpty(Check(changed).AllFindings);
        }
    }

    [Fact]
    public void Numbers_and_records_that_do_not_agree_are_found_though_the_whole_is_signed()
    {
        Assert.Empty(Check(_report).AllFindings);
        Assert.Equal(["unbalanced"], Kinds(stream => stream["account"]!["captured"] = 8));
        Assert.Equal(["missing", "unbalanced"],
            Kinds(stream => (stream["account"]!["captured"], stream["account"]!["missing"], stream["account"]!["balance"]) = (8, 1, 1)));
        Assert.Equal(["unbalanced"], Kinds(stream => (stream["account"]!["captured"], stream["account"]!["lost"]) = (6, 1)));
        Assert.Equal(["unbalanced"], Kinds(stream => stream["lossRecords"]!.AsArray().RemoveAt(0)));
        Assert.Equal(["unbalanced"], Kinds(stream => stream["lossRecords"]![0] = stream["lossRecords"]![1]!.DeepClone()));
        Assert.Equal(["unbalanced"], Kinds(stream => stream["account"]!["losses"]![0]!["reason"] = "droppedNewest"));
        Assert.Equal(["unsigned"], Kinds(stream => stream["lossRecords"]![0]!["signature"] = null));
        Assert.Equal(["unreadable"], Kinds(stream => stream["first"]!["payload"] = null));
        Assert.Equal(["missing"], Kinds(stream => stream["first"] = null));
        Assert.Equal(["moved"],
            Kinds(stream => stream["first"] = Json["streams"]!.AsArray()
                .First(other => (string)other!["account"]!["id"]! == "door")!["first"]!.DeepClone()));
        Assert.Equal(["unreadable"], Kinds(stream => stream["account"]!["captured"] = "7"));
        Assert.Equal(["unbalanced"], Kinds(stream => stream["account"]!["stored"] = long.MaxValue));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_key_of_reports_makes_no_record_of_a_loss(bool asSet)
    {
        using var foreign = new ManifestSigner(_key);
        // A key in PEM says not what it is for.
        if (!asSet) File.WriteAllText(Keys, $"{_chunks.PublicPem}\n{_reports.PublicPem}");
        Assert.Equal(["forged"], Kinds(stream => Sign(stream["lossRecords"]![0]!, foreign)));
        using var stranger = new ManifestSigner(SigningKey.NewPrivatePem());
        Assert.Equal(["unknownKey"], Kinds(stream => Sign(stream["lossRecords"]![0]!, stranger)));
    }

    [Fact]
    public async Task What_nobody_signed_says_so_and_what_is_no_report_cannot_be_told()
    {
        File.WriteAllBytes(_folder["unsigned.json"], LedgerReport.Write(LedgerReport.Read(_report).Json, null));
        var unsigned = await Cli.RunAsync("verify", "--json", _folder["unsigned.json"], "--keys", Keys);
        Assert.Equal((1, "unsigned"),
            (unsigned.ExitCode, (string?)JsonNode.Parse(unsigned.Output)!["reports"]![0]!["findings"]![0]!["kind"]));
        File.WriteAllText(_folder["other.txt"], "{\"schema\":\"crispy.chunk/1\"}\n");
        foreach (string[] arguments in new[] { [_folder["other.txt"], "--keys", Keys],
            [_folder["unsigned.json"], _folder["run"], "--keys", Keys], [_folder["unsigned.json"]],
            new[] { _folder["unsigned.json"], "--keys", _folder["other.txt"] } })
        {
            var told = await Cli.RunAsync(["verify", .. arguments]);
            Assert.Equal((2, 1), (told.ExitCode, told.Error.TrimEnd().Split('\n').Length));
        }
    }

    private static void Sign(JsonNode statement, ManifestSigner signer) =>
        statement["signature"] = signer.Sign(Base64Url.DecodeFromChars((string)statement["payload"]!));

    /// <summary>The kinds of what is found where the stream <c>gate</c> was changed and the whole signed again.</summary>
    private string[] Kinds(Action<JsonNode> change)
    {
        var json = Json;
        change(json["streams"]!.AsArray().First(stream => (string)stream!["account"]!["id"]! == "gate")!);
        return [.. Check(LedgerReport.Write(Encoding.UTF8.GetBytes(json.ToJsonString()), _reports)).AllFindings.Select(finding =>
            finding.Kind).Distinct().Order(StringComparer.Ordinal)];
    }

    private LedgerVerdict Check(byte[] report)
    {
        File.WriteAllBytes(_folder["x.jws"], report);
        var keys = File.ReadAllText(Keys);
        using var reports = new ManifestVerifier(SigningKey.ReadPublic(keys, KeyPurpose.Reports));
        using var recordings = new ManifestVerifier(SigningKey.ReadPublic(keys));
        return new LedgerCheck(reports, recordings, []).Check(_folder["x.jws"]);
    }
}
