using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.Cli.Tests;

public sealed class VerifyTests : IDisposable
{
    private readonly DownloadedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_whole_stream_is_well_through_epochs_and_a_new_spool()
    {
        var gate = Gate().Chunks(4).NewEpoch(TimeSpan.FromMinutes(1)).Chunks(3, final: true).NewEpoch(TimeSpan.FromHours(2))
            .Chunks(2, final: true).NewSpool(TimeSpan.FromHours(1)).Chunks(3, final: true);
        var door = new Recording("door", _folder.Signer).Chunks(2, final: true);
        _folder.Write(gate.Objects, door.Objects);

        var (exitCode, findings, report) = await VerifyAsync();

        Assert.Empty(findings);
        Assert.Equal((0, true), (exitCode, report.GetProperty("ok").GetBoolean()));
        var streams = report.GetProperty("streams").EnumerateArray().ToDictionary(stream => stream.GetProperty("stream").GetString()!);
        Assert.Equal((12, 2, 2),
            (streams["gate"].GetProperty("chunks").GetInt32(), streams["gate"].GetProperty("chains").GetInt32(),
                streams["gate"].GetProperty("pauses").GetArrayLength()));
        Assert.Equal(2, streams["door"].GetProperty("chunks").GetInt32());
    }

    [Fact]
    public async Task One_changed_byte_names_its_object()
    {
        var gate = Write(Gate().Chunks(5, final: true));
        var changed = gate.Objects[2];
        var bytes = changed.Content.ToArray();
        bytes[500] ^= 1;
        File.WriteAllBytes(_folder.FileOf(changed), bytes);

        var finding = Assert.Single((await VerifyAsync(1)).Findings);

        Assert.Equal(("altered", _folder.FileOf(changed)), (finding.Kind, finding.Place));
        Assert.Contains("its bytes are not those that were signed", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_object_is_missing_between_its_neighbours()
    {
        var gate = Write(Gate().Chunks(6, final: true));
        File.Delete(_folder.FileOf(gate.Objects[2]));
        File.Delete(_folder.FileOf(gate.Objects[3]));

        var finding = Assert.Single((await VerifyAsync(1)).Findings);

        Assert.Equal("missing", finding.Kind);
        Assert.Contains("chunks 2 to 3 are missing between", finding.Message, StringComparison.Ordinal);
        Assert.Contains(gate.Objects[1].Name, finding.Message, StringComparison.Ordinal);
        Assert.Contains(gate.Objects[4].Name, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_that_outgrow_their_eight_digits_go_on_in_the_same_chain()
    {
        var gate = Write(Gate().From(99_999_997).Chunks(6, final: true));
        Assert.EndsWith("-100000002.mkv", gate.Objects[^1].Name, StringComparison.Ordinal);
        string[] later = ["--since", Instants.Format(Recording.Start)];
        Assert.Empty((await VerifyAsync(0, later)).Findings);

        foreach (var stored in gate.Objects.Skip(2).Take(2)) File.Delete(_folder.FileOf(stored));
        Assert.Contains("chunks 99999999 to 100000000 are missing between", Assert.Single((await VerifyAsync(1, later)).Findings).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_chunks_are_missed_too_unless_only_later_ones_are_asked_for()
    {
        var gate = Write(Gate().Chunks(6, final: true));
        foreach (var stored in gate.Objects.Take(2)) File.Delete(_folder.FileOf(stored));
        Assert.Contains("chunks 0 to 1 are missing before", Assert.Single((await VerifyAsync(1)).Findings).Message,
            StringComparison.Ordinal);
        Assert.Empty((await VerifyAsync(0, "--since", Instants.Format(Recording.Start.AddSeconds(6)))).Findings);
    }

    [Fact]
    public async Task Two_contents_that_changed_places_are_both_named_with_whose_they_are()
    {
        var gate = Write(Gate().Chunks(5, final: true));
        var (one, other) = (gate.Objects[1], gate.Objects[3]);
        File.WriteAllBytes(_folder.FileOf(one), other.Content);
        File.WriteAllBytes(_folder.FileOf(other), one.Content);

        var (_, findings, _) = await VerifyAsync(1);

        Assert.Equal(["altered", "altered"], findings.Select(finding => finding.Kind));
        Assert.EndsWith($"they are those of {other.Name}", findings[0].Message, StringComparison.Ordinal);
        Assert.EndsWith($"they are those of {one.Name}", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_objects_that_changed_names_are_both_named_with_their_right_places()
    {
        var gate = Gate().Chunks(5, final: true);
        var (one, other) = (gate.Objects[1], gate.Objects[3]);
        (gate.Objects[1], gate.Objects[3]) = (one with { Name = other.Name }, other with { Name = one.Name });
        Write(gate);

        var (_, findings, _) = await VerifyAsync(1);

        Assert.Equal(["moved", "moved"], findings.Select(finding => finding.Kind));
        Assert.Contains($"holds chunk {one.Chunk}, whose place is {one.Name}", findings[0].Message, StringComparison.Ordinal);
        Assert.Contains($"holds chunk {other.Chunk}, whose place is {other.Name}", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_is_cut_off_leaves_an_open_end_and_the_log_tells_what_is_gone()
    {
        var gate = Write(Gate().Chunks(6, final: true));
        var log = _folder["chunks.jsonl"];
        File.WriteAllLines(log,
            ["not an entry",
                .. gate.Objects.Select(stored => JsonSerializer.Serialize(new { chunk = stored.Chunk, signature = "verified" }))]);
        foreach (var stored in gate.Objects.Skip(4)) File.Delete(_folder.FileOf(stored));

        var open = Assert.Single((await VerifyAsync(1)).Findings);
        var (_, gone, _) = await VerifyAsync(1, "--log", log, "--open-ends");

        Assert.Equal(("openEnd", _folder.FileOf(gate.Objects[3])), (open.Kind, open.Place));
        Assert.Equal(["missing", "missing"], gone.Select(finding => finding.Kind));
        Assert.Contains(gate.Objects[4].Chunk, gone[0].Message, StringComparison.Ordinal);
        Assert.Empty((await VerifyAsync(0, "--open-ends")).Findings);
    }

    [Fact]
    public async Task A_manifest_made_again_under_a_foreign_key_is_named_and_the_true_one_is_missed()
    {
        using var foreigner = new ManifestSigner(SigningKey.NewPrivatePem());
        var gate = Gate().Chunks(5, final: true);
        gate.Objects[2] = Resigned(gate.Objects[2], foreigner, "\"frames\":90", "\"frames\":91");
        Write(gate);

        var (_, findings, _) = await VerifyAsync(1);

        Assert.Equal(["missing", "unknownKey"], findings.Select(finding => finding.Kind).Order());
        Assert.Equal(_folder.FileOf(gate.Objects[2]), findings.Single(finding => finding.Kind == "unknownKey").Place);
        Assert.Contains("chunk 2 is missing", findings.Single(finding => finding.Kind == "missing").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_true_manifest_under_a_foreign_signature_or_none_is_named_and_nothing_is_missed()
    {
        using var foreigner = new ManifestSigner(SigningKey.NewPrivatePem());
        var gate = Gate().Chunks(6, final: true);
        gate.Objects[1] = Resigned(gate.Objects[1], foreigner, "", "");
        gate.Objects[2].Metadata.Remove(ChunkMetadata.Signature);
        gate.Objects[3].Metadata[ChunkMetadata.Signature] = gate.Objects[4].Metadata[ChunkMetadata.Signature];
        Write(gate);
        Assert.Equal(["unknownKey", "unsigned", "forged"], (await VerifyAsync(1)).Findings.Select(finding => finding.Kind));
    }

    [Fact]
    public async Task A_spooled_manifest_whose_signatures_line_was_taken_away_is_unsigned_and_nothing_is_missed()
    {
        var gate = Write(Gate().Chunks(4, final: true));
        using var spool = new TempFolder();
        SpooledChunks.Write(spool.Path, "gate", gate.Objects, gate.Next, gate.Previous);
        Assert.Empty((await Cli.VerifyAsync(spool.Path, "--keys", _folder.Keys)).Findings);
        var cut = Directory.GetFiles(Path.Combine(spool.Path, "gate", "ready"), "*.json").Order().ElementAt(1);
        File.WriteAllText(cut, File.ReadAllLines(cut)[0] + "\n");

        var finding = Assert.Single((await Cli.VerifyAsync(spool.Path, "--keys", _folder.Keys)).Findings);

        Assert.Equal(("unsigned", Path.ChangeExtension(cut, ".mkv")), (finding.Kind, finding.Place));
    }

    [Fact]
    public async Task A_manifest_made_again_with_the_stolen_key_breaks_the_chain()
    {
        var gate = Gate().Chunks(5, final: true);
        gate.Objects[2] = Resigned(gate.Objects[2], _folder.Signer, "\"frames\":90", "\"frames\":91");
        Write(gate);
        var finding = Assert.Single((await VerifyAsync(1)).Findings);
        Assert.Equal("brokenLink", finding.Kind);
        Assert.Contains("chunk 3 does not follow", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declared_losses_hold_their_places_and_have_an_exit_code_of_their_own()
    {
        Write(Gate().Chunks(2).Unusable().Chunks(2).DropLast().Chunks(2, final: true));
        var (_, findings, report) = await VerifyAsync(3);
        Assert.Empty(findings);
        Assert.Equal(["unusable", "droppedOldest"],
            report.GetProperty("streams")[0].GetProperty("losses").EnumerateArray().Select(loss => loss.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_deletion_cannot_be_covered_up_by_a_loss_record_of_ones_own()
    {
        using var foreigner = new ManifestSigner(SigningKey.NewPrivatePem());
        var gate = Gate().Chunks(4, final: true);
        var forged = new Recording("gate", foreigner).Chunks(3).DropLast().Objects[2];
        var record = LossJson.Read(LossMetadata.RecordBytes(forged.Metadata)!);
        var manifest = ChunkMetadata.ManifestBytes(gate.Objects[2].Metadata)!;
        var bytes = LossJson.Write(record
            with { Manifest = record.Manifest! with { Sha256 = Recording.Hash(manifest) },
                Previous = ManifestJson.Read(manifest).Previous });
        gate.Objects[2] = forged
            with { Content = bytes, Metadata = LossMetadata.For(LossJson.Read(bytes), bytes, foreigner.Sign(bytes), null) };
        Write(gate);
        Assert.Equal(["missing", "unknownKey"], (await VerifyAsync(1)).Findings.Select(finding => finding.Kind).Order());
    }

    [Fact]
    public async Task A_name_or_metadata_that_lie_are_named_and_never_followed()
    {
        var gate = Gate().Chunks(3, final: true);
        var listed = gate.Objects.Append(new("../../../../etc/hostname", [], gate.Objects[0].Metadata, "", 0))
            .Append(new("gate/2026/11/22/17/20261122T170844123Z-00000099.mkv", [1], [], "", 99));
        Directory.CreateDirectory(_folder.Path);
        _folder.Write([.. listed.Where(stored => !stored.Name.StartsWith("..", StringComparison.Ordinal))]);
        File.WriteAllText(Path.Combine(_folder.Path, "objects.json"),
            JsonSerializer.Serialize(listed.Select(stored => new { name = stored.Name, custom_fields = stored.Metadata })));
        var (_, findings, _) = await VerifyAsync(1);
        var finding = Assert.Single(findings);
        Assert.Equal(("unreadable", true),
            (finding.Kind, finding.Message.Contains("00000099.mkv: there is no manifest", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("deep")]
    [InlineData("large")]
    [InlineData("random")]
    public async Task A_manifest_that_is_deep_large_or_nothing_is_named_and_harms_nothing(string what)
    {
        var gate = Gate().Chunks(3, final: true);
        var text = what switch
        {
            "deep" => $$"""{"schema":"crispy.chunk/1","x":{{new string('[', 1500)}}{{new string(']', 1500)}}}""",
            "large" => $$"""{"schema":"crispy.chunk/1","x":"{{new string('a', 6000)}}"}""",
            _ => "\u0001\u0002nothing",
        };
        gate.Objects[1].Metadata[ChunkMetadata.Manifest] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
        Write(gate);
        Assert.Equal(["missing", "unreadable"], (await VerifyAsync(1)).Findings.Select(finding => finding.Kind).Order());
    }

    [Fact]
    public async Task Rotated_keys_verify_from_a_key_set_and_without_the_older_one_its_chunks_are_not_believed()
    {
        using var newer = new ManifestSigner(SigningKey.NewPrivatePem());
        var older = Gate().Chunks(2, final: true);
        var later = new Recording("door", newer).Chunks(2, final: true);
        _folder.Write(older.Objects, later.Objects);
        var set = _folder["jwks.json"];
        using (var one = SigningKey.ReadPublic(newer.PublicPem)[0])
        using (var other = SigningKey.ReadPublic(_folder.Signer.PublicPem)[0]) File.WriteAllBytes(set, JsonWebKeySet.Write([one, other]));

        var both = await Cli.RunAsync("verify", _folder.Path, "--keys", set);
        var one_ = await Cli.RunAsync("verify", _folder.Path, "--keys", _folder.Keys);

        Assert.Equal((0, "streams=2 chunks=4 losses=0 findings=0: all is well"), (both.ExitCode, both.Output.TrimEnd().Split('\n')[^1]));
        Assert.Equal(1, one_.ExitCode);
        Assert.Contains("UNKNOWNKEY", one_.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("gate: signed", one_.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/folder")]
    [InlineData("/tmp", "--keys", "/no/such/key")]
    [InlineData("/tmp", "--since", "yesterday")]
    [InlineData("/tmp", "--stream", "../etc")]
    public async Task What_cannot_be_told_is_one_line_and_exit_code_2(params string[] arguments)
    {
        var result = await Cli.RunAsync(["verify", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
        Assert.NotEmpty(result.Error);
    }

    private Recording Gate() => new("gate", _folder.Signer);

    private Recording Write(Recording recording)
    {
        _folder.Write(recording.Objects);
        return recording;
    }

    private Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings, JsonElement Report)> VerifyAsync(
        params string[] arguments) =>
        Cli.VerifyAsync([_folder.Path, "--keys", _folder.Keys, .. arguments]);

    private async Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings, JsonElement Report)> VerifyAsync(
        int exitCode, params string[] arguments)
    {
        var result = await VerifyAsync(arguments);
        Assert.True(exitCode == result.ExitCode, $"exit code {result.ExitCode}: {result.Report}");
        return result;
    }

    private static Stored Resigned(Stored stored, ManifestSigner signer, string from, string to)
    {
        var text = Encoding.UTF8.GetString(ChunkMetadata.ManifestBytes(stored.Metadata)!);
        var bytes = Encoding.UTF8.GetBytes(from.Length > 0 ? text.Replace(from, to, StringComparison.Ordinal) : text);
        return stored with { Metadata = ChunkMetadata.For(ManifestJson.Read(bytes), bytes, signer.Sign(bytes), null) };
    }
}
