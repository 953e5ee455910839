using System.Buffers.Text;
using System.Formats.Asn1;
using System.Text;
using System.Text.Json;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;

namespace Crispy.Archive.Tests;

public sealed class LedgerTests
{
    [Fact]
    public async Task Every_number_that_was_given_out_is_stored_spooled_dead_lost_or_missing()
    {
        var gate = (Camera?)null;
        await using var site = await Site.StartAsync(new()
        {
            StreamHandle = path => path.StartsWith("/api/streams?", StringComparison.Ordinal)
                ? Results.Json(new { items = new[] { new { id = "gate" }, new { id = "yard" } }, next = (string?)null })
                : path.StartsWith("/api/streams/gate/spool", StringComparison.Ordinal)
                ? Results.Json(TimelineTests.SpoolOf(gate!, 20, 21, 22))
                : path.StartsWith("/api/streams/yard/spool", StringComparison.Ordinal)
                ? Results.Json(new { items = Array.Empty<object>(), next = (string?)null })
                : Results.NotFound(),
        });
        gate = new Camera("gate", site.Signer).Chunks(10).Lose(3).Lose(1, LossReason.Unusable).Vanish(2).Chunks(3)
            .NewEpoch(TimeSpan.FromSeconds(60)).Vanish(1).Chunks(6);
        foreach (var stored in gate.Objects.Where((_, index) => index < 20)) await site.PutAsync(stored);

        var ledger = await site.GetAsync(Path("", Camera.Start, gate.At));

        Assert.Equal(["gate", "yard"],
            ledger.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("id").GetString()).ToArray());
        var account = ledger.GetProperty("streams")[0];
        Assert.Equal((26, 16, 2, 1, 4, 3, 3),
            (Count(account, "captured"), Count(account, "stored"), Count(account, "spooled"), Count(account, "dead"),
                Count(account, "lost"), Count(account, "missing"), Count(account, "balance")));
        var seconds = account.GetProperty("seconds");
        Assert.Equal((57.0, 12.0, 69.0),
            (seconds.GetProperty("captured").GetDouble(), seconds.GetProperty("lost").GetDouble(),
                seconds.GetProperty("gaps").GetDouble()));
        Assert.Equal(["droppedOldest 3", "unusable 1"], account.GetProperty("losses").EnumerateArray()
            .Select(loss => $"{loss.GetProperty("reason").GetString()} {loss.GetProperty("chunks").GetInt32()}").ToArray());
        Assert.Equal(["14 15", "19 19"], account.GetProperty("holes").EnumerateArray()
            .Select(hole => $"{hole.GetProperty("first").GetInt32()} {hole.GetProperty("last").GetInt32()}").ToArray());
    }

    [Fact]
    public async Task A_wiped_spool_begins_new_numbers_and_is_no_hole()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(20).NewSpool(TimeSpan.FromMinutes(1)).Chunks(30);
        await site.StoreAsync(gate);
        var account = (await site.GetAsync(Path("&stream=gate", Camera.Start, gate.At))).GetProperty("streams")[0];
        Assert.Equal((50, 50, 0), (Count(account, "captured"), Count(account, "stored"), Count(account, "missing")));
    }

    [Fact]
    public async Task The_table_is_one_that_spreadsheets_read()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(3).Lose().Vanish(1).Chunks(1);
        await site.StoreAsync(gate);
        using var response = await site.Client.GetAsync(
            new Uri(Path("", Camera.Start, gate.At).Replace("ledger", "ledger.csv", StringComparison.Ordinal), UriKind.Relative));
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        var lines = text.TrimEnd().Split("\r\n").Select(line => line.Split(',')).ToList();
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.Equal(["total", "loss", "missing"], lines.Skip(1).Select(line => line[1]).ToArray());
        Assert.Equal("gate,total,2026-11-20T17:58:44.123000Z,2026-11-20T17:59:02.123000Z,,6,4,0,0,1,1,1,12,3,3,",
            string.Join(',', lines[1]));
    }

    [Fact]
    public async Task A_step_of_the_cameras_clock_is_told_of_where_it_happened_and_lacks_nothing()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Chunks(2).StepClock(-3600.5m).Chunks(2).StepClock(7).Chunks(2);
        await site.StoreAsync(gate);
        var account = (await site.GetAsync(Path("&stream=gate", Camera.Start, gate.At))).GetProperty("streams")[0];
        Assert.Equal((6, 6, 0, 0),
            (Count(account, "captured"), Count(account, "stored"), Count(account, "missing"),
                account.GetProperty("gaps").GetArrayLength()));
        Assert.Equal([(gate.Objects[2].From, -3600.5), (gate.Objects[4].From, 7.0)], account.GetProperty("clockSteps").EnumerateArray()
            .Select(step => (step.GetProperty("at").GetDateTimeOffset(), step.GetProperty("seconds").GetDouble())).ToArray());
        var csv = await site.Client.GetStringAsync(
            new Uri(Path("", Camera.Start, gate.At).Replace("ledger", "ledger.csv", StringComparison.Ordinal), UriKind.Relative));
        Assert.Contains("gate,clock,2026-11-20T17:58:50.123000Z,2026-11-20T17:58:50.123000Z,the source's clock was stepped by -3600.5 s,",
            csv, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_would_break_a_line_are_quoted()
    {
        var loss = new LedgerLoss(Camera.Start, Camera.Start.AddSeconds(3), "a \"reason\", with\r\nmore", 1, "gate/x.json");
        var text = LedgerCsv.Write(
            new(Camera.Start, Camera.Start.AddHours(1),
                [new() { Id = "gate", Seconds = new(0, 3, 0), Losses = [loss] }], SpoolAnswer.Known));
        Assert.Contains(",\"a \"\"reason\"\", with\r\nmore\",", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_proves_itself_to_all_who_have_the_public_keys()
    {
        await using var site = await Site.StartAsync();
        using var foreign = new ManifestSigner(SigningKey.NewPrivatePem());
        var gate = new Camera("gate", site.Signer).Chunks(4).Lose(2).Chunks(2);
        gate.Objects[5].Metadata[ChunkMetadata.Signature] = foreign.Sign(LossMetadata.RecordBytes(gate.Objects[5].Metadata)!);
        await site.StoreAsync(gate);

        var report = await site.GetAsync(Path("", Camera.Start, gate.At).Replace("ledger", "ledger/report", StringComparison.Ordinal));

        Assert.Equal(("crispy.ledger/1", false, false),
            (report.GetProperty("schema").GetString(), report.GetProperty("signed").GetBoolean(),
                report.TryGetProperty("signedBy", out _)));
        var stream = report.GetProperty("streams")[0];
        Assert.Equal((8, 7, 0),
            (Count(stream.GetProperty("chain"), "links"), Count(stream.GetProperty("chain"), "linked"),
                Count(stream.GetProperty("chain"), "broken")));
        using var verifier = new ManifestVerifier(site.Signer.PublicPem);
        var statements = stream.GetProperty("lossRecords").EnumerateArray()
            .Concat([stream.GetProperty("first"), stream.GetProperty("last")]).ToList();
        Assert.Equal([SignatureState.Verified, SignatureState.UnknownKey, SignatureState.Verified, SignatureState.Verified],
            statements.Select(statement =>
                verifier.Check(Base64Url.DecodeFromChars(statement.GetProperty("payload").GetString()!),
                    statement.GetProperty("signature").GetString())).ToArray());
        Assert.Equal(["verified", "unknownKey", "verified", "verified"],
            statements.Select(statement => statement.GetProperty("state").GetString()).ToArray());
        Assert.Equal(gate.Objects[^1].Name, stream.GetProperty("last").GetProperty("object").GetString());
    }

    [Fact]
    public async Task The_report_is_signed_as_openssl_finds_and_a_flipped_bit_is_found()
    {
        using var folder = new TempFolder();
        var signer = new ReportSigner(SigningKey.NewPrivatePem());
        await using var site = await Site.StartAsync(new() { Reports = signer });
        var gate = new Camera("gate", site.Signer).Chunks(3).Lose(1).Chunks(1);
        await site.StoreAsync(gate);

        using var response = await site.Client.GetAsync(
            new Uri(Path("", Camera.Start, gate.At).Replace("ledger", "ledger/report", StringComparison.Ordinal), UriKind.Relative));

        Assert.Equal(("application/crispy-ledger+jws", "ledger-report.jws"),
            (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentDisposition?.FileName?.Trim('"')));
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal((3, ""), (lines.Length, lines[2]));
        var report = JsonElement.Parse(lines[0]);
        Assert.Equal((true, signer.KeyId), (report.GetProperty("signed").GetBoolean(), report.GetProperty("signedBy").GetString()));
        var jws = lines[1].Split('.');
        var header = JsonElement.Parse(Base64Url.DecodeFromChars(jws[0]));
        Assert.Equal(("ES256", signer.KeyId, "crispy-ledger+jws", ""),
            (header.GetProperty("alg").GetString(), header.GetProperty("kid").GetString(), header.GetProperty("typ").GetString(), jws[1]));
        // RFC 7515, section 5.1: what is signed. RFC 7518, section 3.4: r and s, which openssl wants as DER.
        File.WriteAllText(folder["key.pem"], signer.PublicPem);
        File.WriteAllBytes(folder["signature"], Der(Base64Url.DecodeFromChars(jws[2])));
        Assert.Equal("Verified OK", await OpensslAsync(lines[0]));
        Assert.Equal("Verification failure", await OpensslAsync(lines[0].Replace("\"lost\":1", "\"lost\":0", StringComparison.Ordinal)));

        async Task<string> OpensslAsync(string json)
        {
            File.WriteAllText(folder["signed"], $"{jws[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json))}");
            return (await Command.TryAsync("openssl",
                ["dgst", "-sha256", "-verify", folder["key.pem"], "-signature", folder["signature"],
                    folder["signed"]])).Output.Split('\n')[0];
        }
    }

    private static byte[] Der(byte[] signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature.AsSpan(0, 32).TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature.AsSpan(32).TrimStart((byte)0));
        }
        return writer.Encode();
    }

    private static int Count(JsonElement account, string name) => account.GetProperty(name).GetInt32();

    private static string Path(string more, DateTimeOffset from, DateTimeOffset to) =>
        $"/api/ledger?from={Uri.EscapeDataString(Instants.Format(from))}&to={Uri.EscapeDataString(Instants.Format(to))}{more}";
}
