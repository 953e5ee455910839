using System.Net;
using System.Text;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.Testing;
using Crispy.UploadWorker.Consuming;
using Crispy.UploadWorker.Incoming;
using Crispy.UploadWorker.Uploading;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Tests;

public sealed class RulesTests(RabbitMqServer broker, RedisServer redis)
{
    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout, "Transient")]
    [InlineData(HttpStatusCode.TooManyRequests, "Transient")]
    [InlineData(HttpStatusCode.InternalServerError, "Transient")]
    [InlineData(HttpStatusCode.GatewayTimeout, "Transient")]
    [InlineData(HttpStatusCode.BadRequest, "Configuration")]
    [InlineData(HttpStatusCode.Unauthorized, "Configuration")]
    [InlineData(HttpStatusCode.Forbidden, "Configuration")]
    [InlineData(HttpStatusCode.NotFound, "Configuration")]
    [InlineData(HttpStatusCode.MovedPermanently, "Configuration")]
    public void Answers_are_sorted_by_who_can_repair_them(HttpStatusCode status, string kind)
    {
        Assert.Equal(kind, Failure.Of(new BucketException(status, "told")).Kind.ToString());
        Assert.Equal(kind, Failure.Of(new TokenResponseException(new TokenErrorResponse { Error = "told" }, status)).Kind.ToString());
    }

    [Fact]
    public void Other_failures_are_sorted_too_and_an_unknown_one_loses_nothing()
    {
        Assert.Equal(FailureKind.Transient, Failure.Of(new HttpRequestException("Name or service not known")).Kind);
        Assert.Equal(FailureKind.Transient, Failure.Of(new TimeoutException()).Kind);
        Assert.Equal(FailureKind.Transient, Failure.Of(new IOException("disk")).Kind);
        Assert.Equal(FailureKind.Configuration, Failure.Of(new UnauthorizedAccessException()).Kind);
        Assert.Equal(FailureKind.Configuration, Failure.Of(new CredentialException("none", new InvalidOperationException())).Kind);
        Assert.Equal(FailureKind.Permanent, Failure.Of(new ChunkDeadException(DeadReason.Damaged, "damaged")).Kind);
        Assert.Equal((FailureKind.Transient, false),
            (Failure.Of(new NotSupportedException()).Kind, Failure.Of(new NotSupportedException()).Expected));
        Assert.Equal(TimeSpan.FromSeconds(3),
            Failure.Of(new BucketException(HttpStatusCode.ServiceUnavailable, "", TimeSpan.FromSeconds(3))).RetryAfter);
    }

    [Theory]
    [InlineData(0, null, 1)]
    [InlineData(1, null, 5)]
    [InlineData(2, null, 30)]
    [InlineData(3, null, 120)]
    [InlineData(1_000_000, null, 120)]
    [InlineData(0, 2, 5)]
    [InlineData(0, 5, 5)]
    [InlineData(1, 31, 120)]
    [InlineData(0, 100_000, 120)]
    public void Delays_grow_and_are_not_shorter_than_asked_for(long retries, int? askedFor, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected),
            Rerouter.Delay(retries, askedFor is { } seconds ? TimeSpan.FromSeconds(seconds) : null));

    [Theory]
    [InlineData("00-11111111111111111111111111111111-2222222222222222-01", "00-11111111111111111111111111111111-2222222222222222-01")]
    [InlineData("00-99999999999999999999999999999999-2222222222222222-01", "00-11111111111111111111111111111111-3333333333333333-01")]
    [InlineData("garbage", "00-11111111111111111111111111111111-3333333333333333-01")]
    [InlineData(null, "00-11111111111111111111111111111111-3333333333333333-01")]
    public void The_upload_continues_the_messages_span_where_that_is_of_the_chunks_trace(string? header, string expected)
    {
        using var folder = new TempFolder();
        var chunk = TestChunk.Write(new(folder.Path), "cam", 0, size: 10,
            change: manifest => manifest with { Traceparent = "00-11111111111111111111111111111111-3333333333333333-01" });

        var read = IncomingChunk.Read(ChunkMessage.Properties(chunk.Manifest, chunk.Signature, header), chunk.ManifestBytes);

        Assert.Equal(expected, read.Traceparent);
    }

    [Fact]
    public async Task CRC32C_is_the_standards()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["check"], "123456789", Encoding.ASCII);
        Assert.Equal("4waSgw==", Crc32C.OfFile(folder["check"])); // 0xE3069283, the check value of the CRC catalogue
    }

    [Theory]
    [InlineData("Crispy:Bucket=Not A Bucket", "Crispy:Bucket is 'Not A Bucket'")]
    [InlineData("Crispy:Spool:Name=a.b", "Crispy:Spool:Name is 'a.b'")]
    [InlineData("Crispy:Spool:Path=", "Crispy:Spool:Path is ''")]
    [InlineData("Crispy:Upload:Concurrency=0", "Crispy:Upload:Concurrency is 0")]
    [InlineData("Crispy:Upload:Concurrency=257", "Crispy:Upload:Concurrency is 257")]
    [InlineData("Crispy:Upload:Concurrency=many", "Crispy:Upload:Concurrency")]
    [InlineData("Crispy:Upload:RequestTimeout=00:00:00.5", "Crispy:Upload:RequestTimeout is 00:00:00.5")]
    [InlineData("Crispy:Upload:RetryBaseDelay=00:00:10", "Crispy:Upload:RetryBaseDelay is 00:00:10")]
    [InlineData("Crispy:Upload:Concurency=8", "Concurency")]
    public async Task A_mistake_in_the_configuration_is_named_at_the_start(string setting, string message)
    {
        await using var rig = await Rig.StartAsync(broker, redis);

        var failure = Assert.Throws<OptionsValidationException>(() => rig.Worker($"--{setting}"));

        Assert.Contains(message, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }
}
