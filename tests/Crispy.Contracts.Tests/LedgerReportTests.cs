using System.Security.Cryptography;
using System.Text;

namespace Crispy.Contracts.Tests;

public sealed class LedgerReportTests : IDisposable
{
    private static readonly byte[] Json = """{"schema":"crispy.ledger/1","signed":true,"streams":[]}"""u8.ToArray();
    private readonly string _pem = SigningKey.NewPrivatePem();
    private readonly ManifestSigner _signer;
    private readonly ManifestVerifier _verifier;

    public LedgerReportTests() => (_signer, _verifier) = (LedgerReport.Signer(_pem), new(SigningKey.PublicPem(_pem)));

    public void Dispose()
    {
        _signer.Dispose();
        _verifier.Dispose();
    }

    [Fact]
    public void Every_single_changed_bit_of_the_file_is_found()
    {
        var file = LedgerReport.Write(Json, _signer);
        Assert.Equal(SignatureState.Verified, LedgerReport.Read(file).Check(_verifier));
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            var changed = file.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(IsRefused(changed), $"bit {bit}: {Encoding.Latin1.GetString(changed)}");
        }
    }

    [Fact]
    public void Without_a_key_it_is_one_line_and_nobody_signed_it()
    {
        var file = LedgerReport.Write(Json, signer: null);
        Assert.Equal((byte)'\n', Assert.Single(file.Skip(Json.Length)));
        Assert.Equal(SignatureState.Missing, LedgerReport.Read(file).Check(_verifier));
        Assert.True(LedgerReport.IsOne(file));
    }

    [Fact]
    public void Neither_passes_for_the_other_though_one_key_signed_both()
    {
        using var chunks = new ManifestSigner(_pem);
        Assert.Equal(SignatureState.Invalid, new LedgerReport(Json, chunks.Sign(Json)).Check(_verifier));
        Assert.Equal(SignatureState.Invalid, _verifier.Check(Json, _signer.Sign(Json)));
        Assert.Equal(SignatureState.Verified, _verifier.Check(Json, chunks.Sign(Json)));
    }

    [Fact]
    public void A_key_set_tells_which_key_signs_reports_alone_and_that_one_is_believed_for_nothing_else()
    {
        using var chunks = new ManifestSigner(SigningKey.NewPrivatePem());
        var (one, other) = (SigningKey.ReadPublic(chunks.PublicPem), SigningKey.ReadPublic(_signer.PublicPem));
        var set = Encoding.UTF8.GetString(JsonWebKeySet.Write(one, other));
        foreach (ECDsa key in one.Concat(other)) key.Dispose();
        using var recordings = new ManifestVerifier(SigningKey.ReadPublic(set));
        using var reports = new ManifestVerifier(SigningKey.ReadPublic(set, KeyPurpose.Reports));
        Assert.Equal([chunks.KeyId], recordings.KeyIds);
        Assert.Equal(new[] { chunks.KeyId, _signer.KeyId }.Order(), reports.KeyIds.Order());
        Assert.Equal(2, Jose.JwkSet.FromJson(set, Jose.JWT.DefaultSettings.JsonMapper).Keys.Count);
    }

    private bool IsRefused(byte[] file)
    {
        try
        {
            return LedgerReport.Read(file).Check(_verifier) != SignatureState.Verified;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
