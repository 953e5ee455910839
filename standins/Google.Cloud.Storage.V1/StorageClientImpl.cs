using Google.Api.Gax;
using Google.Apis.Download;
using Google.Apis.Storage.v1;
using Google.Apis.Storage.v1.Data;
using Google.Apis.Upload;
using Google.Cloud.Storage.V1.Requests;
using Object = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Storage.V1;

internal sealed class StorageClientImpl(StorageService service) : StorageClient
{
    public override StorageService Service => service;

    public override Task<Bucket> CreateBucketAsync(string projectId, string bucket, CreateBucketOptions? options = null, CancellationToken cancellationToken = default) =>
        CreateBucketAsync(projectId, new Bucket { Name = bucket }, options, cancellationToken);

    public override Task<Bucket> CreateBucketAsync(string projectId, Bucket bucket, CreateBucketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projectId);
        ArgumentNullException.ThrowIfNull(bucket);
        return new StorageRequest<Bucket>(service, HttpMethod.Post, "b", bucket) { ["project"] = projectId }.ExecuteAsync(cancellationToken);
    }

    public override Task<Bucket> GetBucketAsync(string bucket, GetBucketOptions? options = null, CancellationToken cancellationToken = default) =>
        new StorageRequest<Bucket>(service, HttpMethod.Get, BucketPath(bucket)).ExecuteAsync(cancellationToken);

    public override Task<Object> UploadObjectAsync(string bucket, string objectName, string contentType, Stream source, UploadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IUploadProgress>? progress = null) =>
        UploadObjectAsync(new Object { Bucket = bucket, Name = objectName, ContentType = contentType }, source, options, cancellationToken, progress);

    public override async Task<Object> UploadObjectAsync(Object destination, Stream source, UploadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IUploadProgress>? progress = null)
    {
        RequireObject(destination);
        ArgumentNullException.ThrowIfNull(source);
        var upload = new ObjectUpload(service, destination, source, options);
        if (progress is not null) upload.ProgressChanged += progress.Report;
        var end = await upload.UploadAsync(cancellationToken).ConfigureAwait(false);
        end.ThrowOnFailure();
        return upload.ResponseBody;
    }

    public override Task<Object> GetObjectAsync(string bucket, string objectName, GetObjectOptions? options = null, CancellationToken cancellationToken = default) =>
        new StorageRequest<Object>(service, HttpMethod.Get, ObjectPath(bucket, objectName))
        {
            ["generation"] = options?.Generation,
            ["ifGenerationMatch"] = options?.IfGenerationMatch,
        }.ExecuteAsync(cancellationToken);

    public override async Task<Object> DownloadObjectAsync(string bucket, string objectName, Stream destination, DownloadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IDownloadProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        // The downloader adds alt=media.
        var address = new StorageRequest<Object>(service, HttpMethod.Get, ObjectPath(bucket, objectName))
        {
            ["generation"] = options?.Generation,
            ["ifGenerationMatch"] = options?.IfGenerationMatch,
        }.CreateRequest(overrideGZipEnabled: false).RequestUri!;
        var download = new ObjectDownload(service, new Object { Bucket = bucket, Name = objectName }, options);
        if (progress is not null) download.ProgressChanged += progress.Report;
        var end = await download.DownloadAsync(address.AbsoluteUri, destination, cancellationToken).ConfigureAwait(false);
        end.ThrowOnFailure();
        return download.Object;
    }

    public override Task<Object> DownloadObjectAsync(Object source, Stream destination, DownloadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IDownloadProgress>? progress = null)
    {
        RequireObject(source);
        return DownloadObjectAsync(source.Bucket!, source.Name!, destination, options, cancellationToken, progress);
    }

    public override PagedAsyncEnumerable<Objects, Object> ListObjectsAsync(string bucket, string? prefix = null, ListObjectsOptions? options = null) =>
        new ObjectListing(pageToken => new StorageRequest<Objects>(service, HttpMethod.Get, BucketPath(bucket) + "/o")
        {
            ["prefix"] = prefix,
            ["delimiter"] = options?.Delimiter,
            ["maxResults"] = options?.PageSize,
            ["pageToken"] = pageToken ?? options?.PageToken,
            ["fields"] = options?.Fields,
            ["startOffset"] = options?.StartOffset,
            ["endOffset"] = options?.EndOffset,
        });

    public override Task DeleteObjectAsync(string bucket, string objectName, DeleteObjectOptions? options = null, CancellationToken cancellationToken = default) =>
        new StorageRequest<string>(service, HttpMethod.Delete, ObjectPath(bucket, objectName))
        {
            ["generation"] = options?.Generation,
            ["ifGenerationMatch"] = options?.IfGenerationMatch,
        }.ExecuteAsync(cancellationToken);

    public override Task<Object> PatchObjectAsync(Object obj, PatchObjectOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequireObject(obj);
        return new StorageRequest<Object>(service, HttpMethod.Patch, ObjectPath(obj.Bucket!, obj.Name!), obj)
        {
            ["ifGenerationMatch"] = options?.IfGenerationMatch,
            ["ifMetagenerationMatch"] = options?.IfMetagenerationMatch,
        }.ExecuteAsync(cancellationToken);
    }

    public override Task<Notification> CreateNotificationAsync(string bucket, Notification notification, CreateNotificationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return new StorageRequest<Notification>(service, HttpMethod.Post, BucketPath(bucket) + "/notificationConfigs", notification).ExecuteAsync(cancellationToken);
    }

    public override async Task<IReadOnlyList<Notification>> ListNotificationsAsync(string bucket, ListNotificationsOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var request = new StorageRequest<Notifications>(service, HttpMethod.Get, BucketPath(bucket) + "/notificationConfigs");
        var answer = await request.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return [.. answer.Items ?? []];
    }

    public override void Dispose()
    {
        service.Dispose();
        base.Dispose();
    }

    private static string BucketPath(string bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return "b/" + Uri.EscapeDataString(bucket);
    }

    private static string ObjectPath(string bucket, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return $"{BucketPath(bucket)}/o/{Uri.EscapeDataString(name)}";
    }

    private static void RequireObject(Object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj.Bucket is null || obj.Name is null) throw new ArgumentException("Object must have a bucket and a name", nameof(obj));
    }
}
