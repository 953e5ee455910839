using System.Net;
using System.Net.Http.Headers;
using Crispy.CloudEmulator;
using Crispy.Testing;
using Google.Apis.Storage.v1.Data;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Tests.Storage;

/// <summary>The client against the emulator.</summary>
public sealed class StorageClientTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private WebApplication _emulator = null!;
    private StorageClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _emulator = EmulatorApp.Create(["--urls", "http://127.0.0.1:0", "--data", _folder.Path]);
        await _emulator.StartAsync(Cancellation);
        _client = await new StorageClientBuilder { BaseUri = _emulator.Urls.Single() + "/storage/v1/", UnauthenticatedAccess = true }.BuildAsync(Cancellation);
        await _client.CreateBucketAsync("project", "chunks", cancellationToken: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _emulator.StopAsync(CancellationToken.None);
        await _emulator.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_bucket_is_there_once_made_and_missing_before()
    {
        Assert.Equal("chunks", (await _client.GetBucketAsync("chunks", cancellationToken: Cancellation)).Name);
        var missing = await Assert.ThrowsAsync<GoogleApiException>(() => _client.GetBucketAsync("nothing", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, missing.HttpStatusCode);
        var again = await Assert.ThrowsAsync<GoogleApiException>(() => _client.CreateBucketAsync("project", "chunks", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.Conflict, again.HttpStatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task What_is_uploaded_comes_back_with_its_metadata(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        var stored = await UploadAsync("gate/a b+c/ünï#1.mkv", data, new() { ["key"] = "value" });
        Assert.Equal(((ulong)size, "video/x-matroska", "value"), (stored.Size!.Value, stored.ContentType, stored.Metadata!["key"]));
        Assert.NotNull(stored.MediaLink);
        Assert.NotNull(stored.TimeCreatedDateTimeOffset);

        var found = await _client.GetObjectAsync("chunks", stored.Name!, cancellationToken: Cancellation);
        Assert.Equal((stored.Generation, stored.Crc32c), (found.Generation, found.Crc32c));
        using var copy = new MemoryStream();
        var told = await _client.DownloadObjectAsync("chunks", stored.Name!, copy, cancellationToken: Cancellation);
        Assert.Equal(data, copy.ToArray());
        Assert.Equal((stored.Generation, stored.Crc32c), (told.Generation, told.Crc32c));
    }

    [Fact]
    public async Task A_range_of_a_generation_is_downloaded()
    {
        var stored = await UploadAsync("o", [.. Enumerable.Range(0, 200).Select(i => (byte)i)]);
        using var part = new MemoryStream();
        var options = new DownloadObjectOptions { Range = new RangeHeaderValue(10, 19), Generation = stored.Generation };
        await _client.DownloadObjectAsync("chunks", "o", part, options, Cancellation);
        Assert.Equal([.. Enumerable.Range(10, 10).Select(i => (byte)i)], part.ToArray());

        options.Generation++;
        var missing = await Assert.ThrowsAsync<GoogleApiException>(() => _client.DownloadObjectAsync("chunks", "o", part, options, Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, missing.HttpStatusCode);
    }

    [Fact]
    public async Task An_upload_only_if_absent_is_refused_the_second_time()
    {
        var options = new UploadObjectOptions { IfGenerationMatch = 0 };
        await UploadAsync("o", [1], options: options);
        var refused = await Assert.ThrowsAsync<GoogleApiException>(() => UploadAsync("o", [2], options: options));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.HttpStatusCode);
    }

    [Fact]
    public async Task A_listing_goes_through_all_its_pages()
    {
        for (var i = 0; i < 7; i++) await UploadAsync($"gate/{i}", [1]);
        await UploadAsync("other/1", [1]);
        var listing = _client.ListObjectsAsync("chunks", "gate/", new ListObjectsOptions { PageSize = 3 });
        var names = new List<string?>();
        await foreach (var item in listing.WithCancellation(Cancellation)) names.Add(item.Name);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"gate/{i}"), names);
        var pages = new List<int>();
        await foreach (var page in listing.AsRawResponses().WithCancellation(Cancellation)) pages.Add(page.Items?.Count ?? 0);
        Assert.Equal([3, 3, 1], pages);
    }

    [Fact]
    public async Task An_object_changes_and_goes()
    {
        await UploadAsync("o", [1], new() { ["a"] = "1" });
        var changed = await _client.PatchObjectAsync(new GcsObject { Bucket = "chunks", Name = "o", Metadata = new Dictionary<string, string> { ["b"] = "2" } }, cancellationToken: Cancellation);
        Assert.Equal(("2", 2), (changed.Metadata!["b"], changed.Metageneration));
        await _client.DeleteObjectAsync("chunks", "o", cancellationToken: Cancellation);
        var gone = await Assert.ThrowsAsync<GoogleApiException>(() => _client.DeleteObjectAsync("chunks", "o", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, gone.HttpStatusCode);
    }

    [Fact]
    public async Task A_notification_configuration_is_made_and_listed()
    {
        Assert.Empty(await _client.ListNotificationsAsync("chunks", cancellationToken: Cancellation));
        var made = await _client.CreateNotificationAsync("chunks", new Notification
        {
            Topic = "//pubsub.googleapis.com/projects/p/topics/t",
            EventTypes = ["OBJECT_FINALIZE"],
            PayloadFormat = "JSON_API_V1",
        }, cancellationToken: Cancellation);
        var listed = Assert.Single(await _client.ListNotificationsAsync("chunks", cancellationToken: Cancellation));
        Assert.Equal((made.Id, "OBJECT_FINALIZE"), (listed.Id, Assert.Single(listed.EventTypes!)));
    }

    private async Task<GcsObject> UploadAsync(string name, byte[] data, Dictionary<string, string>? metadata = null, UploadObjectOptions? options = null)
    {
        using var source = new MemoryStream(data);
        return await _client.UploadObjectAsync(new GcsObject { Bucket = "chunks", Name = name, ContentType = "video/x-matroska", Metadata = metadata }, source, options, Cancellation);
    }
}
