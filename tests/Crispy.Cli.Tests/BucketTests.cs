using Crispy.Cli.Tests.Running;
using Crispy.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Crispy.Cli.Tests;

/// <summary>A bucket of the emulator that is tampered with. That is done through its API, as somebody with rights on the bucket would, and
/// in its folder, as somebody with the disk would.</summary>
public sealed class BucketTests : IAsyncLifetime
{
    private const string Bucket = EmulatedBucket.Name;

    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private EmulatedBucket _bucket = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await EmulatedBucket.StartAsync(_folder["run"]);
        File.WriteAllText(_folder["public.txt"], _signer.PublicPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _bucket.DisposeAsync();
        _signer.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--quick")]
    public async Task Changed_swapped_deleted_and_cut_off_objects_of_a_bucket_are_each_named(string quick)
    {
        var gate = await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(9, final: true));
        Assert.Empty((await VerifyAsync(0, quick)).ToList());
        var objects = gate.Objects;
        await _bucket.PutAsync(objects[1].Name, [.. objects[1].Content[..^1], (byte)(objects[1].Content[^1] ^ 1)], objects[1].Metadata);
        await _bucket.PutAsync(objects[2].Name, objects[3].Content, objects[3].Metadata);
        await _bucket.PutAsync(objects[3].Name, objects[2].Content, objects[2].Metadata);
        await _bucket.Storage.DeleteObjectAsync(Bucket, objects[5].Name);
        await _bucket.Storage.DeleteObjectAsync(Bucket, objects[8].Name);

        var findings = await VerifyAsync(1, quick);

        Assert.Equal(
            [("altered", 1), ("moved", 2), ("moved", 3), ("missing", -1), ("openEnd", 7)],
            findings.Select(finding => (finding.Kind, objects.FindIndex(stored => finding.Place == $"gs://{Bucket}/{stored.Name}")))
                .OrderBy(pair => pair.Item2 < 0 ? 5 : pair.Item2).ToArray());
        Assert.Contains("chunk 5 is missing", findings.Single(finding => finding.Kind == "missing").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prefix_narrows_a_bucket_and_a_bucket_that_is_not_there_is_told_in_one_line()
    {
        await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(2, final: true));
        await _bucket.UploadAsync(new Recording("door", _signer).Chunks(3, final: true));
        var gate = await Cli.RunWithAsync(_bucket.Host, "verify", $"gs://{Bucket}/gate/", "--keys", _folder["public.txt"]);
        var none = await Cli.RunWithAsync(_bucket.Host, "verify", "gs://no-such-bucket", "--keys", _folder["public.txt"]);
        Assert.Equal((0, "streams=1 chunks=2 losses=0 findings=0: all is well"), (gate.ExitCode, gate.Output.TrimEnd().Split('\n')[^1]));
        Assert.Equal(2, none.ExitCode);
        Assert.StartsWith("crispy: gs://no-such-bucket: 404", none.Error, StringComparison.Ordinal);
        Assert.Single(none.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("list", "403", "403")]
    [InlineData("list", "resetMidBody", "")]
    [InlineData("list", "truncate", "an answer that cannot be read")]
    [InlineData("download", "403", "403 Forbidden")]
    [InlineData("download", "429", "429 TooManyRequests")]
    [InlineData("download", "503", "503 ServiceUnavailable")]
    [InlineData("download", "resetBeforeBody", "")]
    [InlineData("download", "resetMidBody", "")]
    [InlineData("download", "truncate", "bytes came")]
    public async Task A_bucket_that_fails_is_told_in_one_line_and_accuses_no_object(string call, string fault, string told)
    {
        await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(2, final: true));
        await _bucket.FailAsync(fault, isDownload: call == "download");
        var result = await Cli.RunWithAsync(_bucket.Host, "verify", $"gs://{Bucket}", "--keys", _folder["public.txt"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"crispy: gs://{Bucket}", result.Error, StringComparison.Ordinal);
        Assert.Contains(told, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list", "503")]
    [InlineData("list", "redirect")]
    [InlineData("download", "redirect")]
    [InlineData("download", "wrongCrc")] // what its bytes must be is signed
    public async Task What_passes_or_proves_nothing_leaves_all_well(string call, string fault)
    {
        await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(2, final: true));
        await _bucket.FailAsync(fault, isDownload: call == "download");
        Assert.Empty(await VerifyAsync(0, ""));
    }

    [Fact]
    public async Task The_folder_of_a_local_run_is_verified_with_its_own_key_and_its_spool_whether_it_runs_or_not()
    {
        var pem = SigningKey.NewPrivatePem();
        using var signer = new ManifestSigner(pem);
        var gate = new Recording("gate", signer).Chunks(6);
        foreach (var stored in gate.Objects.Take(4)) await _bucket.PutAsync(stored.Name, stored.Content, stored.Metadata);
        Directory.CreateDirectory(_folder["run", "keys"]);
        File.WriteAllText(_folder["run", "keys", "signing.pem"], pem);
        SpooledChunks.Write(_folder["run", "spool"], "gate", gate.Objects.Skip(4), gate.Next, gate.Previous);
        Assert.Empty((await Cli.VerifyAsync(_folder["run"])).Findings);
        File.WriteAllLines(_folder["run", "chunks.jsonl"],
            ["{\"chunk\":\"door/20261122T170844123Z/00000003\",\"signature\":\"verified\"}"]);
        await _bucket.StopAsync();

        var file = _folder["run", "bucket", Bucket, gate.Objects[1].Name];
        var bytes = File.ReadAllBytes(file);
        bytes[7] ^= 1;
        File.WriteAllBytes(file, bytes);
        File.Delete(_folder["run", "bucket", Bucket, gate.Objects[2].Name]);

        var (exitCode, found, _) = await Cli.VerifyAsync(_folder["run"]);
        var findings = found.OrderBy(finding => finding.Message.Contains("door", StringComparison.Ordinal)).ToList();
        Assert.Equal((1, 3, "altered", file), (exitCode, findings.Count, findings[0].Kind, findings[0].Place));
        Assert.Equal(("missing", true), (findings[1].Kind, findings[1].Message.Contains("chunk 2 is missing", StringComparison.Ordinal)));
        Assert.StartsWith("chunk door/20261122T170844123Z/00000003 was logged", findings[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_of_a_spool_knows_where_the_chain_must_end()
    {
        var gate = await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(5));
        SpooledChunks.Write(_folder["spool"], "gate", [], gate.Next, gate.Previous);
        Assert.Empty(
            (await Cli.VerifyWithAsync(_bucket.Host, $"gs://{Bucket}", _folder["spool"], "--keys", _folder["public.txt"])).Findings);

        await _bucket.Storage.DeleteObjectAsync(Bucket, gate.Objects[4].Name);
        await _bucket.Storage.DeleteObjectAsync(Bucket, gate.Objects[3].Name);

        var (_, findings, _) =
            await Cli.VerifyWithAsync(_bucket.Host, $"gs://{Bucket}", _folder["spool"], "--keys", _folder["public.txt"], "--open-ends");
        Assert.Contains("chunks 3 to 4 are missing after", Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_come_from_an_address_too()
    {
        await _bucket.UploadAsync(new Recording("gate", _signer).Chunks(2, final: true));
        using var key = SigningKey.ReadPublic(_signer.PublicPem)[0];
        var set = JsonWebKeySet.Write([key]);
        await using var server =
            await ScriptedApi.StartAsync(api => api.MapGet("/.well-known/jwks.json", () => Results.Bytes(set, JsonWebKeySet.MediaType)));
        Assert.Equal(0,
            (await Cli.VerifyWithAsync(_bucket.Host, $"gs://{Bucket}", "--keys",
                $"{server.Urls.Single()}/.well-known/jwks.json")).ExitCode);
        Assert.Equal(2,
            (await Cli.RunWithAsync(_bucket.Host, "verify", $"gs://{Bucket}", "--keys", $"{server.Urls.Single()}/other")).ExitCode);
    }

    private async Task<List<(string Kind, string Message, string? Place)>> VerifyAsync(int exitCode, string option)
    {
        string[] options = option.Length > 0 ? [option] : [];
        var result = await Cli.VerifyWithAsync(_bucket.Host, [$"gs://{Bucket}", "--keys", _folder["public.txt"], .. options]);
        Assert.True(exitCode == result.ExitCode, result.Report.ToString());
        return result.Findings;
    }
}
