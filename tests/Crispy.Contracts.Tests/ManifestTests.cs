using System.Text;
using System.Text.Json.Nodes;

namespace Crispy.Contracts.Tests;

public class ManifestTests
{
    [Fact]
    public void A_manifest_reads_back_as_it_was()
    {
        var bytes = ManifestJson.Write(Samples.Manifest());
        Assert.Equal(bytes, ManifestJson.Write(ManifestJson.Read(bytes)));
    }

    [Fact]
    public void Times_have_microseconds_and_the_duration_is_seconds()
    {
        var json = JsonNode.Parse(ManifestJson.Write(Samples.Manifest()))!;
        Assert.Equal("2026-11-22T17:08:44.123456Z", (string?)json["from"]);
        Assert.Equal("2026-11-22T17:08:47.123457Z", (string?)json["to"]);
        Assert.Equal(3.000001m, (decimal?)json["duration"]);
        Assert.Equal("crispy.chunk/1", (string?)json["schema"]);
        Assert.Equal("final", (string?)json["flags"]![0]);
        Assert.Equal("n03x6A==", (string?)json["crc32c"]);
    }

    [Fact]
    public void Unknown_fields_are_kept()
    {
        var json = JsonNode.Parse(ManifestJson.Write(Samples.Manifest()))!;
        json["weather"] = "rain";
        var again = ManifestJson.Write(ManifestJson.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Equal("rain", (string?)JsonNode.Parse(again)!["weather"]);
    }

    [Theory]
    [InlineData("schema", "\"crispy.chunk/2\"", "crispy.chunk/2")]
    [InlineData("schema", "\"other/1\"", "not a chunk manifest")]
    [InlineData("sequence", "8", "contradicts itself")]
    [InlineData("object", "\"gate/../../etc/passwd\"", "names the object")]
    [InlineData("container", "\"exe\"", "container")]
    [InlineData("duration", "-1", "negative")]
    [InlineData("duration", "1e400", "manifest")]
    [InlineData("chunk", "\"../x\"", "chunk id")]
    public void A_contradictory_manifest_is_refused_with_the_reason(string field, string value, string reason)
    {
        var json = JsonNode.Parse(ManifestJson.Write(Samples.Manifest()))!.AsObject();
        var text = "{"
            + string.Join(",", json.Select(pair => $"\"{pair.Key}\":{(pair.Key == field ? value : pair.Value!.ToJsonString())}")) + "}";
        var refused = Assert.Throws<FormatException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"schema\":\"crispy.chunk/1\"}")]
    [InlineData("{\"schema\":1}")]
    public void What_is_no_manifest_is_refused(string text) =>
    Assert.Throws<FormatException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_manifest_that_is_too_large_is_refused_before_it_is_read()
    {
        var manifest = ManifestJson.Write(Samples.Manifest());
        byte[] largest = [.. manifest, .. Enumerable.Repeat((byte)' ', ManifestJson.MaxBytes - manifest.Length)];
        Assert.Equal(Samples.Manifest().Chunk, ManifestJson.Read(largest).Chunk);
        Assert.Equal($"manifest of {ManifestJson.MaxBytes + 1} bytes is larger than {ManifestJson.MaxBytes}",
            Assert.Throws<FormatException>(() => ManifestJson.Read([.. largest, (byte)' '])).Message);
    }

    [Theory]
    [InlineData(14, 10)]
    [InlineData(15, 20)]
    [InlineData(20, 20)]
    public void Times_are_rounded_to_the_microsecond(long ticks, long expected)
    {
        Assert.Equal(expected, Instants.RoundToMicrosecond(new DateTimeOffset(ticks, TimeSpan.Zero)).UtcTicks);
        Assert.Equal(expected, Instants.RoundToMicrosecond(new TimeSpan(ticks)).Ticks);
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused_wherever_it_stands()
    {
        var (manifest, record) = (ManifestJson.Write(Samples.Manifest()), LossJson.Write(Samples.Loss(Samples.Manifest())));
        foreach (var text in new[] { "crispy.chunk/1", "gate", "h264" })
            Assert.Throws<FormatException>(() => ManifestJson.Read(Spoilt(manifest, text)));
        foreach (var text in new[] { "crispy.loss/1", "gate" }) Assert.Throws<FormatException>(() => LossJson.Read(Spoilt(record, text)));

        static byte[] Spoilt(byte[] json, string text)
        {
            var spoilt = json.ToArray();
            spoilt[spoilt.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) + 2] = 0x89;
            return spoilt;
        }
    }

    [Fact]
    public void A_manifest_nested_without_end_is_refused()
    {
        var deep = "{\"schema\":\"crispy.chunk/1\",\"x\":" + new string('[', 2000) + new string(']', 2000) + "}";
        Assert.Throws<FormatException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes(deep)));
    }

    [Fact]
    public void The_metadata_holds_the_manifest_byte_for_byte_and_stays_small()
    {
        var bytes = ManifestJson.Write(Samples.Manifest(previous: new string('b', 64)));
        using var signer = new ManifestSigner(SigningKey.NewPrivatePem());
        var metadata = ChunkMetadata.For(ManifestJson.Read(bytes), bytes, signer.Sign(bytes), Samples.Manifest().Traceparent);
        Assert.Equal(bytes, ChunkMetadata.ManifestBytes(metadata));
        Assert.Equal("1080x1920x3", metadata["crispy-resolution"]);
        Assert.Equal("3.000001", metadata["crispy-duration"]);
        Assert.True(metadata.Sum(pair => pair.Key.Length + pair.Value.Length) < 8192);
    }

    [Fact]
    public void Metadata_that_is_no_base64url_gives_no_manifest() =>
        Assert.Null(ChunkMetadata.ManifestBytes(new Dictionary<string, string> { ["crispy-manifest"] = "%%%" }));
}
