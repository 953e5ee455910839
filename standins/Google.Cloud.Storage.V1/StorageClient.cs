using Google.Api.Gax;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Download;
using Google.Apis.Storage.v1;
using Google.Apis.Storage.v1.Data;
using Google.Apis.Upload;
using Object = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Storage.V1;

/// <summary>Operations on Cloud Storage. Every failure that the service answers is a <see cref="GoogleApiException"/>. Safe for concurrent use.</summary>
public abstract class StorageClient : IDisposable
{
    /// <summary>The service below, whose <c>HttpClient</c> carries the credentials.</summary>
    public virtual StorageService Service => throw new NotImplementedException();

    /// <summary>A client of the real service.</summary>
    /// <param name="credential">Application default credentials where null.</param>
    public static StorageClient Create(GoogleCredential? credential = null) => new StorageClientBuilder { GoogleCredential = credential }.Build();

    /// <summary>A client of the real service.</summary>
    /// <param name="credential">Application default credentials where null.</param>
    public static Task<StorageClient> CreateAsync(GoogleCredential? credential = null) =>
        new StorageClientBuilder { GoogleCredential = credential }.BuildAsync();

    /// <summary>A client without credentials, for public data.</summary>
    public static StorageClient CreateUnauthenticated() => new StorageClientBuilder { UnauthenticatedAccess = true }.Build();

    /// <summary>Makes a bucket.</summary>
    public virtual Task<Bucket> CreateBucketAsync(string projectId, string bucket, CreateBucketOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Makes a bucket.</summary>
    public virtual Task<Bucket> CreateBucketAsync(string projectId, Bucket bucket, CreateBucketOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Reads a bucket's resource.</summary>
    public virtual Task<Bucket> GetBucketAsync(string bucket, GetBucketOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Uploads data by a resumable upload: one request opens it, one or more carry the data.</summary>
    public virtual Task<Object> UploadObjectAsync(string bucket, string objectName, string contentType, Stream source, UploadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IUploadProgress>? progress = null) => throw new NotImplementedException();

    /// <summary>Uploads data by a resumable upload: one request opens it, one or more carry the data.</summary>
    public virtual Task<Object> UploadObjectAsync(Object destination, Stream source, UploadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IUploadProgress>? progress = null) => throw new NotImplementedException();

    /// <summary>Reads an object's resource.</summary>
    public virtual Task<Object> GetObjectAsync(string bucket, string objectName, GetObjectOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Downloads an object's data, or a range of it.</summary>
    /// <returns>What the response's headers say of the object.</returns>
    public virtual Task<Object> DownloadObjectAsync(string bucket, string objectName, Stream destination, DownloadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IDownloadProgress>? progress = null) => throw new NotImplementedException();

    /// <summary>Downloads an object's data, or a range of it.</summary>
    /// <returns>What the response's headers say of the object.</returns>
    public virtual Task<Object> DownloadObjectAsync(Object source, Stream destination, DownloadObjectOptions? options = null,
        CancellationToken cancellationToken = default, IProgress<IDownloadProgress>? progress = null) => throw new NotImplementedException();

    /// <summary>Lists objects in the order of their names.</summary>
    public virtual PagedAsyncEnumerable<Objects, Object> ListObjectsAsync(string bucket, string? prefix = null, ListObjectsOptions? options = null) =>
        throw new NotImplementedException();

    /// <summary>Deletes an object.</summary>
    public virtual Task DeleteObjectAsync(string bucket, string objectName, DeleteObjectOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Changes those parts of an object's resource that are not null.</summary>
    public virtual Task<Object> PatchObjectAsync(Object obj, PatchObjectOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Adds a notification configuration to a bucket.</summary>
    public virtual Task<Notification> CreateNotificationAsync(string bucket, Notification notification, CreateNotificationOptions? options = null,
        CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>All notification configurations of a bucket.</summary>
    public virtual Task<IReadOnlyList<Notification>> ListNotificationsAsync(string bucket, ListNotificationsOptions? options = null,
        CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Closes the service's connections.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
