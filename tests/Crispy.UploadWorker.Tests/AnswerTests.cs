using System.Globalization;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Crispy.UploadWorker.Tests;

/// <summary>What an upload comes to for each way in which a bucket may answer, over real HTTP.</summary>
public sealed class AnswerTests(RabbitMqServer broker, RedisServer redis)
{
    // The statuses that Cloud Storage documents for its JSON API, and what lies between a client and it.
    [Theory]
    [InlineData(302, "Refused")]
    [InlineData(303, "Refused")]
    [InlineData(304, "Refused")]
    [InlineData(307, "Refused")]
    [InlineData(308, "Refused")]
    [InlineData(400, "Refused")]
    [InlineData(401, "Refused")]
    [InlineData(403, "Refused")]
    [InlineData(404, "Refused")]
    [InlineData(405, "Refused")]
    [InlineData(407, "Refused")]
    [InlineData(408, "Later")]
    [InlineData(409, "Later")]
    [InlineData(410, "Later")]
    [InlineData(411, "Refused")]
    [InlineData(413, "Refused")]
    [InlineData(416, "Refused")]
    [InlineData(429, "Later")]
    [InlineData(499, "Later")]
    [InlineData(500, "Later")]
    [InlineData(501, "Later")]
    [InlineData(502, "Later")]
    [InlineData(503, "Later")]
    [InlineData(504, "Later")]
    public async Task Each_status_is_sorted_and_the_chunk_kept(int status, string verdict)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.BeforeUpload = context => FaultyBucket.AnswerAsync(context, status);
        rig.Bucket.BeforeFind = context => FaultyBucket.AnswerAsync(context, status);
        var chunk = rig.Chunk(0);

        var found = await rig.UploadAsync(chunk, "--Crispy:Upload:RetriesInPlace=2");

        Assert.Equal(verdict, found.GetType().Name);
        Assert.Contains($"{status}", found.ToString(), StringComparison.Ordinal);
        Assert.Single(rig.Bucket.Uploads);
        Assert.True(File.Exists(chunk.Files.Chunk));
    }

    [Theory]
    [InlineData(403, "rateLimitExceeded", "Later")]
    [InlineData(403, "userRateLimitExceeded", "Later")]
    [InlineData(403, "quotaExceeded", "Later")]
    [InlineData(403, "forbidden", "Refused")]
    [InlineData(412, "orgPolicyConstraintFailed", "Refused")]
    public async Task A_reason_says_more_than_its_status(int status, string reason, string verdict)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.BeforeUpload = context => FaultyBucket.AnswerAsync(context, status, reason: reason);

        Assert.Equal(verdict, (await rig.UploadAsync(rig.Chunk(0), "--Crispy:Upload:RetriesInPlace=0")).GetType().Name);
    }

    [Theory]
    [InlineData(412, "conditionNotMet")]
    [InlineData(403, "retentionPolicyNotMet")]
    [InlineData(403, "objectUnderActiveHold")]
    public async Task A_name_that_is_taken_is_success_with_the_same_checksum_and_a_dead_chunk_with_another(int status, string reason)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.BeforeUpload = context => FaultyBucket.AnswerAsync(context, status, reason: reason);
        var (same, other) = (rig.Chunk(0), rig.Chunk(1));
        rig.Bucket.Put(same.Manifest.Object, same.Bytes);
        rig.Bucket.Put(other.Manifest.Object, [1, 2, 3]);

        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(same));
        Assert.Equal(DeadReason.Conflict, Assert.IsType<Verdict.Dead>(await rig.UploadAsync(other)).Reason);
        Assert.Equal(3, rig.Bucket.Objects[other.Manifest.Object].Bytes.Length);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("middle")]
    [InlineData("truncated")]
    [InlineData("no-json")]
    [InlineData("proxy-page")]
    public async Task A_broken_exchange_is_tried_again_and_stored_once(string how)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var times = 0;
        rig.Bucket.BeforeUpload = async context =>
        {
            if (how is not ("before" or "middle" or "proxy-page") || Interlocked.Increment(ref times) > 1) return false;
            if (how == "proxy-page")
            {
                await context.Response.WriteAsync("<html>Please log in</html>");
                return true;
            }
            if (how == "middle") await context.Request.Body.ReadExactlyAsync(new byte[256 * 1024]);
            context.Abort();
            return true;
        };
        rig.Bucket.AfterStore = async context =>
        {
            if (how is not ("truncated" or "no-json") || Interlocked.Increment(ref times) > 1) return false;
            context.Response.ContentLength = how == "truncated" ? 500 : null;
            await context.Response.WriteAsync("""{"generation":"17""");
            if (how == "truncated")
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
            return true;
        };
        var chunk = rig.Chunk(0, size: 2_000_000);

        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(chunk));

        Assert.Equal(chunk.Bytes, Assert.Single(rig.Bucket.Objects).Value.Bytes);
        Assert.Equal(how is "truncated" or "no-json" ? 1 : 2, rig.Bucket.Uploads.Count);
    }

    [Fact]
    public async Task A_server_that_stops_reading_the_body_is_given_up_after_the_request_timeout()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        // Held from here: Kestrel itself does not, once it has stopped reading, and a collection would reset the connection.
        var over = new TaskCompletionSource();
        rig.Bucket.BeforeUpload = async context =>
        {
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = null;
            await context.Request.Body.ReadExactlyAsync(new byte[64 * 1024]);
            await over.Task;
            return true;
        };

        var later = Assert.IsType<Verdict.Later>(
            await rig.UploadAsync(rig.Chunk(0, size: 20_000_000), "--Crispy:Upload:RequestTimeout=00:00:01",
                "--Crispy:Upload:RetriesInPlace=0"));

        over.SetResult();
        Assert.Contains("did not answer within", later.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_success_with_a_wrong_checksum_is_asked_about_again_before_anything_is_deleted()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.AfterStore = async context =>
        {
            await context.Response.WriteAsJsonAsync(new { generation = "1", crc32c = "AAAAAA==" });
            return true;
        };
        var chunk = rig.Chunk(0);

        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(chunk));

        Assert.Equal(chunk.Bytes, Assert.Single(rig.Bucket.Objects).Value.Bytes);
    }

    [Fact]
    public async Task An_object_that_the_bucket_stored_wrong_is_deleted_and_the_chunk_tried_again()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.HonestChecksums = false;
        var chunk = rig.Chunk(0);

        var later = Assert.IsType<Verdict.Later>(await rig.UploadAsync(chunk, "--Crispy:Upload:RetriesInPlace=1"));

        Assert.Contains("the object was deleted again", later.Reason, StringComparison.Ordinal);
        Assert.Equal((2, 0), (rig.Bucket.Uploads.Count, rig.Bucket.Objects.Count));
        rig.Bucket.HonestChecksums = true;
        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(chunk));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_that_the_server_asks_for_is_kept_in_place_where_it_is_short(bool asDate)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var clock = TimeProvider.System;
        var (refused, again) = (0L, 0L);
        rig.Bucket.BeforeUpload = async context =>
        {
            if (refused != 0)
            {
                again = clock.GetTimestamp();
                return false;
            }
            refused = clock.GetTimestamp();
            return await FaultyBucket.AnswerAsync(context, 503, retryAfter: asDate ? Date(clock.GetUtcNow().AddSeconds(3)) : "2");
        };

        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(rig.Chunk(0)));

        Assert.True(clock.GetElapsedTime(refused, again) > TimeSpan.FromSeconds(asDate ? 1 : 1.9)); // a date has whole seconds
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_that_is_long_goes_with_the_chunk_to_a_delay_queue(bool asDate)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.BeforeUpload = context =>
            FaultyBucket.AnswerAsync(context, 429, retryAfter: asDate ? Date(TimeProvider.System.GetUtcNow().AddHours(1)) : "3600");

        var later = Assert.IsType<Verdict.Later>(await rig.UploadAsync(rig.Chunk(0)));

        Assert.Single(rig.Bucket.Uploads);
        Assert.InRange(later.NotBefore!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        Assert.Equal(QueueTopology.RetryDelays[^1], Consuming.Rerouter.Delay(0, later.NotBefore)); // the bound
    }

    private static string Date(DateTimeOffset at) => at.ToString("R", CultureInfo.InvariantCulture);
}
