using System.Net;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Tests;

public sealed class LossTests
{
    internal static LossRecord Record { get; } = new()
    {
        Chunk = $"gate/{Epoch.Name(Chunk.FirstFrame)}/00000007",
        Stream = "gate",
        Epoch = Epoch.Name(Chunk.FirstFrame),
        Sequence = 7,
        Object = new LossObjectName("gate", Chunk.FirstFrame, 7).ToString(),
        From = Chunk.FirstFrame,
        To = Chunk.FirstFrame.AddSeconds(2),
        Reason = LossReason.DroppedOldest,
        Frames = 50,
        Bytes = 123_456,
        Declared = Chunk.FirstFrame.AddMinutes(1),
    };

    [Fact]
    public async Task A_loss_record_gives_one_warning_with_reason_range_and_signature()
    {
        await using var site = await Site.StartAsync();
        var bytes = LossJson.Write(Record);
        var stored = await site.UploadAsync(Record.Object, bytes, LossMetadata.For(Record, bytes, site.Signer.Sign(bytes), null));
        for (var times = 0; times < 2; times++)
        {
            using var answer = await site.PubSubAsync(stored);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        var entry = Assert.Single(site.Entries());
        Assert.Equal(("WARNING", "verified", "droppedOldest", Record.Chunk),
            (entry.GetProperty("severity").GetString(), entry.GetProperty("signature").GetString(),
            entry.GetProperty("reason").GetString(), entry.GetProperty("loss").GetString()));
        var duration = entry.GetProperty("duration");
        Assert.Equal(("2026-11-22T17:08:44.123000Z", "2026-11-22T17:08:46.123000Z", 2m),
            (duration.GetProperty("from").GetString(), duration.GetProperty("to").GetString(),
                duration.GetProperty("seconds").GetDecimal()));
        Assert.Equal((50, 123_456), (entry.GetProperty("frames").GetInt64(), entry.GetProperty("bytes").GetInt64()));
        Assert.False(entry.TryGetProperty("chunk", out _), "a loss is not counted among the chunks");
        Assert.False(entry.TryGetProperty("problems", out _), entry.ToString());
    }

    [Theory]
    [InlineData("signature", "ERROR", "unknownKey")]
    [InlineData("name", "ERROR", "invalid")]
    [InlineData("none", "WARNING", "missing")]
    public async Task A_loss_record_that_cannot_be_believed_says_so(string fault, string severity, string signature)
    {
        await using var site = await Site.StartAsync();
        using var other = new ManifestSigner(SigningKey.NewPrivatePem());
        var bytes = LossJson.Write(Record);
        var metadata = LossMetadata.For(Record, bytes, (fault == "signature" ? other : site.Signer).Sign(bytes), null);
        if (fault == "none") metadata.Remove(ChunkMetadata.Signature);
        var stored = await site.UploadAsync(fault == "name" ? new LossObjectName("gate", Chunk.FirstFrame, 8)
            .ToString() : Record.Object, bytes, metadata);
        await site.EventarcAsync(stored);
        var entry = Assert.Single(site.Entries());
        Assert.Equal((severity, signature), (entry.GetProperty("severity").GetString(), entry.GetProperty("signature").GetString()));
    }
}
