using System.Text;

namespace Crispy.Contracts.Tests;

public class LossTests
{
    [Fact]
    public void A_loss_record_reads_back_as_it_was_written()
    {
        var record = Samples.Loss(Samples.Manifest());
        var bytes = LossJson.Write(record);
        Assert.Contains("\"schema\":\"crispy.loss/1\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(record, LossJson.Read(bytes));
    }

    [Fact]
    public void A_loss_record_is_signed_like_a_manifest_and_fits_into_an_objects_metadata()
    {
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        using var verifier = new ManifestVerifier(signer.PublicPem);
        var record = Samples.Loss(Samples.Manifest()) with { Stream = "gate" };
        var bytes = LossJson.Write(record);
        var metadata = LossMetadata.For(record, bytes, signer.Sign(bytes), record.Traceparent);
        Assert.Equal(bytes, LossMetadata.RecordBytes(metadata));
        Assert.Equal(SignatureState.Verified, verifier.Check(bytes, metadata[ChunkMetadata.Signature]));
        Assert.InRange(metadata.Sum(pair => pair.Key.Length + pair.Value.Length), 1, 8 * 1024);
    }

    [Fact]
    public void A_manifest_is_no_loss_record_and_a_loss_record_no_manifest()
    {
        Assert.Throws<FormatException>(() => LossJson.Read(ManifestJson.Write(Samples.Manifest())));
        Assert.Throws<FormatException>(() => ManifestJson.Read(LossJson.Write(Samples.Loss(Samples.Manifest()))));
    }

    [Fact]
    public void A_record_that_contradicts_itself_is_refused()
    {
        var record = Samples.Loss(Samples.Manifest());
        LossRecord[] wrong =
        [
            record with { Schema = "crispy.loss/2" },
            record with { Sequence = 8 },
            record with { Object = record.Object + "x" },
            record with { To = record.From.AddSeconds(-1) },
            record with { Bytes = -1 },
            record with { Manifest = record.Manifest! with { Object = "other/2026/11/22/17/20261122T170844123Z-00000007.mkv" } },
        ];
        Assert.All(wrong, each => Assert.Throws<FormatException>(() => LossJson.Read(LossJson.Write(each))));
    }
}
