using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Apis.Storage.v1.Data;
using Google.Cloud.Storage.V1;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Tests.Storage;

/// <summary>Custom times, holds and lifecycle rules by Google's client, as Cloud Storage carries them out.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_custom_time_comes_back_and_is_neither_set_back_nor_removed()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var stored = await StoreAsync(bucket, "gate/a.mkv", From);
        Assert.Equal(From, stored.CustomTimeDateTimeOffset);
        var later = await bucket.Client.PatchObjectAsync(new GcsObject { Bucket = EmulatedBucket.Name, Name = "gate/a.mkv",
            CustomTimeDateTimeOffset = From.AddDays(1) }, cancellationToken: Cancellation);
        Assert.Equal(From.AddDays(1), later.CustomTimeDateTimeOffset);
        await AssertStatusAsync(HttpStatusCode.BadRequest, () =>
            bucket.Client.PatchObjectAsync(new GcsObject { Bucket = EmulatedBucket.Name, Name = "gate/a.mkv",
                CustomTimeDateTimeOffset = From }, cancellationToken: Cancellation));
        Assert.Equal(From.AddDays(1), (await bucket.Client.GetObjectAsync(EmulatedBucket.Name, "gate/a.mkv",
            cancellationToken: Cancellation)).CustomTimeDateTimeOffset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_held_is_neither_deleted_nor_replaced_until_it_is_released(bool isTemporary)
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        await StoreAsync(bucket, "gate/a.mkv", From);
        var held = await HoldAsync(bucket, "gate/a.mkv", isTemporary, true);
        Assert.True(isTemporary ? held.TemporaryHold : held.EventBasedHold);
        foreach (var change in (Func<Task>[])[() => bucket.Client.DeleteObjectAsync(EmulatedBucket.Name, "gate/a.mkv",
            cancellationToken: Cancellation), () => StoreAsync(bucket, "gate/a.mkv", From)])
        {
            var refused = await Assert.ThrowsAsync<GoogleApiException>(change);
            Assert.Equal((HttpStatusCode.Forbidden, "objectUnderActiveHold"), (refused.HttpStatusCode, refused.Error.Errors[0].Reason));
        }
        await HoldAsync(bucket, "gate/a.mkv", isTemporary, false);
        await bucket.Client.DeleteObjectAsync(EmulatedBucket.Name, "gate/a.mkv", cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_bucket_deletes_what_its_rules_say_by_prefix_suffix_and_days_and_nothing_that_is_held()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        string[] names = ["gate/old.mkv", "gate/young.mkv", "door/old.mp4", "gate/held.mkv", "gate/_loss/old.json", "gate/unknown.mkv"];
        foreach (var name in names.SkipLast(1)) await StoreAsync(bucket, name,
            name.Contains("young", StringComparison.Ordinal) ? From.AddDays(20) : From);
        await StoreAsync(bucket, names[^1], null);
        await HoldAsync(bucket, "gate/held.mkv", true, true);
        var set = await bucket.Client.GetBucketAsync(EmulatedBucket.Name, cancellationToken: Cancellation);
        set.Lifecycle = new() { Rule = [Delete(7, ["gate/"], [".mkv", ".ts"]), Delete(90, null, [".json"])] };
        await bucket.Client.UpdateBucketAsync(set, new() { IfMetagenerationMatch = set.Metageneration }, Cancellation);

        Assert.Equal(0, await SweepAsync(bucket, From.AddDays(7).AddMilliseconds(-1)));
        Assert.Equal(1, await SweepAsync(bucket, From.AddDays(7)));
        Assert.Equal(names.Except(["gate/old.mkv"]).Order(StringComparer.Ordinal), await NamesAsync(bucket));
        Assert.Equal(2, await SweepAsync(bucket, From.AddDays(90)));
        Assert.Equal(["door/old.mp4", "gate/held.mkv", "gate/unknown.mkv"], await NamesAsync(bucket));
        await HoldAsync(bucket, "gate/held.mkv", true, false);
        Assert.Equal(1, await SweepAsync(bucket, From.AddDays(90)));
    }

    [Fact]
    public async Task A_bucket_that_was_changed_meanwhile_and_rules_that_cloud_storage_refuses_are_refused()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var set = await bucket.Client.GetBucketAsync(EmulatedBucket.Name, cancellationToken: Cancellation);
        await AssertStatusAsync(HttpStatusCode.PreconditionFailed, () => SetAsync([Delete(7, null, null)], set.Metageneration + 1));
        await AssertStatusAsync(HttpStatusCode.BadRequest, () =>
            SetAsync([.. Enumerable.Range(1, 101).Select(days => Delete(days, null, null))]));
        await AssertStatusAsync(HttpStatusCode.BadRequest, () =>
            SetAsync([Delete(7, [.. Enumerable.Range(0, 1001).Select(number => $"{number}/")], null)]));
        await AssertStatusAsync(HttpStatusCode.BadRequest, () =>
            SetAsync([new() { Action = new() { Type = "Explode" }, Condition = new() { Age = 1 } }]));
        Assert.Null((await bucket.Client.GetBucketAsync(EmulatedBucket.Name, cancellationToken: Cancellation)).Lifecycle);
        await SetAsync([.. Enumerable.Range(1, 100).Select(days => Delete(days, null, null))]);
        Assert.Equal(100, (await bucket.Client.GetBucketAsync(EmulatedBucket.Name, cancellationToken: Cancellation)).Lifecycle.Rule.Count);

        async Task SetAsync(IList<Bucket.LifecycleData.RuleData> rules, long? metageneration = null) =>
            await bucket.Client.PatchBucketAsync(
            new() { Name = EmulatedBucket.Name, Lifecycle = new() { Rule = rules } }, new() { IfMetagenerationMatch = metageneration },
                Cancellation);
    }

    private static Bucket.LifecycleData.RuleData Delete(int days, string[]? prefixes, string[]? suffixes) =>
        new() { Action = new() { Type = "Delete" }, Condition = new() { DaysSinceCustomTime = days, MatchesPrefix = prefixes,
            MatchesSuffix = suffixes } };

    private static async Task<GcsObject> StoreAsync(EmulatedBucket bucket, string name, DateTimeOffset? customTime)
    {
        using var source = new MemoryStream([1, 2, 3]);
        return await bucket.Client.UploadObjectAsync(new GcsObject { Bucket = EmulatedBucket.Name, Name = name,
            CustomTimeDateTimeOffset = customTime }, source, null, Cancellation);
    }

    private static Task<GcsObject> HoldAsync(EmulatedBucket bucket, string name, bool isTemporary, bool held) =>
        bucket.Client.PatchObjectAsync(
        new GcsObject { Bucket = EmulatedBucket.Name, Name = name, TemporaryHold = isTemporary ? held : null,
            EventBasedHold = isTemporary ? null : held }, cancellationToken: Cancellation);

    private static async Task<int> SweepAsync(EmulatedBucket bucket, DateTimeOffset at)
    {
        using var answer = await bucket.Http.PostAsJsonAsync("/_emulator/sweep", new { at }, Cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("deleted")
            .GetInt32();
    }

    private static async Task<string[]> NamesAsync(EmulatedBucket bucket) =>
        await bucket.Client.ListObjectsAsync(EmulatedBucket.Name).Select(stored => stored.Name).ToArrayAsync(Cancellation);

    private static async Task AssertStatusAsync(HttpStatusCode status, Func<Task> call) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<GoogleApiException>(call)).HttpStatusCode);
}
