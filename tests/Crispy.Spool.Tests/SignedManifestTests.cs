using System.Text;
using Crispy.Contracts;
using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.Spool.Tests;

public sealed class SignedManifestTests
{
    [Fact]
    public void A_manifest_and_its_signature_are_two_lines_and_read_back()
    {
        using var folder = new TempFolder();
        var manifest = Encoding.UTF8.GetBytes("""{"chunk":"gate","name":"Tür \u0001"}""");

        var content = SignedManifest.Write(manifest, "head..tail-_");
        File.WriteAllBytes(folder["x.json"], content);
        var read = SignedManifest.Read(folder["x.json"]);

        Assert.Equal([Encoding.UTF8.GetString(manifest), "head..tail-_"], File.ReadAllLines(folder["x.json"]));
        Assert.Equal((byte)'\n', content[^1]);
        Assert.Equal(manifest, read.ManifestBytes);
        Assert.Equal("head..tail-_", read.Signature);
    }

    [Theory]
    [InlineData("{}", "without its second line")]
    [InlineData("{}\n", "without its second line")]
    [InlineData("", "without its second line")]
    [InlineData("{}\na..b", "not ended by a newline")]
    [InlineData("{}\na..b\n\n", "1 bytes after its second line")]
    [InlineData("{}\na..b\nmore", "4 bytes after its second line")]
    [InlineData("{}\n\n", "signature is empty")]
    [InlineData("{}\na..b \n", "other than printable ASCII")]
    [InlineData("{}\na..b\r\n", "other than printable ASCII")]
    [InlineData("{}\na..\u00fc\n", "other than printable ASCII")]
    [InlineData("\na..b\n", "manifest is empty")]
    public void What_is_not_two_lines_is_refused_with_what_is_wrong(string content, string fault)
    {
        var refused = Assert.Throws<FormatException>(() => SignedManifest.Parse(Encoding.UTF8.GetBytes(content)));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        Assert.Equal(content.Split('\n')[0], Encoding.UTF8.GetString(SignedLines.FirstLine(Encoding.UTF8.GetBytes(content))));
    }

    [Theory]
    [InlineData("{\n}", "a..b", "not one line")]
    [InlineData("", "a..b", "manifest is empty")]
    [InlineData("{}", "", "signature is empty")]
    [InlineData("{}", "a..b\n", "other than printable ASCII")]
    [InlineData("{}", "a..\u00fc", "other than printable ASCII")]
    public void What_does_not_fit_into_two_lines_is_never_written(string manifest, string signature, string fault)
    {
        var refused = Assert.Throws<FormatException>(() => SignedManifest.Write(Encoding.UTF8.GetBytes(manifest), signature));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }
}
