using System.Net;
using System.Net.Http.Headers;
using Google.Apis.Storage.v1.Data;
using Google.Cloud.Storage.V1;

namespace Google.Cloud.Tests.Storage;

/// <summary>Google's client is served by the emulator as by Cloud Storage, where Crispy relies on it.</summary>
public sealed class StorageClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bucket_is_there_once_made_and_missing_before()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var missing = await Assert.ThrowsAsync<GoogleApiException>(() => bucket.Client.GetBucketAsync("nothing", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, missing.HttpStatusCode);
        await bucket.Client.CreateBucketAsync("project", "nothing", cancellationToken: Cancellation);
        Assert.Equal("nothing", (await bucket.Client.GetBucketAsync("nothing", cancellationToken: Cancellation)).Name);
        var again = await Assert.ThrowsAsync<GoogleApiException>(() => bucket.Client.CreateBucketAsync("project", "nothing", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.Conflict, again.HttpStatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task What_is_uploaded_comes_back_whole_with_its_metadata(int size)
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var data = Bytes(size);
        var stored = await bucket.StoreAsync("gate/a b+c/ünï#1.mkv", data, new() { ["key"] = "value" });
        Assert.Equal(((ulong)size, "video/x-matroska", "value"), (stored.Size!.Value, stored.ContentType, stored.Metadata!["key"]));
        Assert.NotNull(stored.MediaLink);
        Assert.NotNull(stored.TimeCreatedDateTimeOffset);

        var found = await bucket.Client.GetObjectAsync(EmulatedBucket.Name, stored.Name!, cancellationToken: Cancellation);
        Assert.Equal((stored.Generation, stored.Crc32c), (found.Generation, found.Crc32c));
        using var copy = new MemoryStream();
        var told = await bucket.Client.DownloadObjectAsync(EmulatedBucket.Name, stored.Name!, copy, cancellationToken: Cancellation);
        Assert.Equal(data, copy.ToArray());
        Assert.Equal((stored.Generation, stored.Crc32c), (told.Generation, told.Crc32c));
    }

    [Fact]
    public async Task A_part_of_a_generation_is_downloaded_and_told_without_a_checksum()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var data = Bytes(200);
        var stored = await bucket.StoreAsync("o", data);
        using var part = new MemoryStream();
        var options = new DownloadObjectOptions { Range = new RangeHeaderValue(10, 19), Generation = stored.Generation };
        // The client holds a checksum that comes against what it got, also where that is a part.
        var told = await bucket.Client.DownloadObjectAsync(EmulatedBucket.Name, "o", part, options, Cancellation);
        Assert.Equal(data[10..20], part.ToArray());
        Assert.Null(told.Crc32c);

        options.Generation++;
        var missing = await Assert.ThrowsAsync<GoogleApiException>(() => bucket.Client.DownloadObjectAsync(EmulatedBucket.Name, "o", part, options, Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, missing.HttpStatusCode);
    }

    [Fact]
    public async Task An_upload_only_if_absent_is_refused_the_second_time()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var options = new UploadObjectOptions { IfGenerationMatch = 0 };
        await bucket.StoreAsync("o", [1], options: options);
        var refused = await Assert.ThrowsAsync<GoogleApiException>(() => bucket.StoreAsync("o", [2], options: options));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.HttpStatusCode);
    }

    [Fact]
    public async Task A_listing_goes_through_its_pages_with_the_fields_that_are_asked_for()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        for (var i = 0; i < 7; i++) await bucket.StoreAsync($"gate/{i}", [1], new() { ["manifest"] = new string('x', 500) });
        await bucket.StoreAsync("other/1", [1]);
        var listing = bucket.Client.ListObjectsAsync(EmulatedBucket.Name, "gate/", new ListObjectsOptions { PageSize = 3 });
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"gate/{i}"), await listing.Select(item => item.Name).ToListAsync(Cancellation));
        Assert.Equal([3, 3, 1], await listing.AsRawResponses().Select(page => page.Items?.Count ?? 0).ToListAsync(Cancellation));

        var some = new ListObjectsOptions { Fields = "items(name),nextPageToken", StartOffset = "gate/2", EndOffset = "gate/5" };
        var named = await bucket.Client.ListObjectsAsync(EmulatedBucket.Name, "gate/", some).ToListAsync(Cancellation);
        Assert.Equal([("gate/2", null), ("gate/3", null), ("gate/4", null)], named.Select(item => (item.Name, item.Generation)));

        var folders = new ListObjectsOptions { Delimiter = "/", Fields = "prefixes,nextPageToken" };
        Assert.Equal(["gate/", "other/"], (await bucket.Client.ListObjectsAsync(EmulatedBucket.Name, null, folders).AsRawResponses().SingleAsync(Cancellation)).Prefixes);
    }

    [Fact]
    public async Task A_generation_is_deleted_and_then_gone()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        var stored = await bucket.StoreAsync("o", [1]);
        await bucket.Client.DeleteObjectAsync(EmulatedBucket.Name, "o", new() { Generation = stored.Generation }, Cancellation);
        var gone = await Assert.ThrowsAsync<GoogleApiException>(() => bucket.Client.DeleteObjectAsync(EmulatedBucket.Name, "o", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, gone.HttpStatusCode);
    }

    [Fact]
    public async Task A_notification_configuration_is_made_and_listed()
    {
        await using var bucket = await EmulatedBucket.StartAsync();
        Assert.Empty(await bucket.Client.ListNotificationsAsync(EmulatedBucket.Name, cancellationToken: Cancellation));
        var made = await bucket.Client.CreateNotificationAsync(EmulatedBucket.Name, new Notification
        {
            Topic = "//pubsub.googleapis.com/projects/p/topics/t",
            EventTypes = ["OBJECT_FINALIZE"],
            PayloadFormat = "JSON_API_V1",
        }, cancellationToken: Cancellation);
        var listed = Assert.Single(await bucket.Client.ListNotificationsAsync(EmulatedBucket.Name, cancellationToken: Cancellation));
        Assert.Equal((made.Id, "OBJECT_FINALIZE"), (listed.Id, Assert.Single(listed.EventTypes!)));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
