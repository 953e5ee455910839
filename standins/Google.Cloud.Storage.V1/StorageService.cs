using Google.Apis.Services;

namespace Google.Apis.Storage.v1;

/// <summary>The Cloud Storage JSON API, version 1: base address, HTTP client with credentials, serializer.</summary>
public class StorageService : BaseClientService
{
    /// <summary>The API's version.</summary>
    public const string Version = "v1";

    /// <summary>A service without credentials at the public address.</summary>
    public StorageService()
        : this(new Initializer())
    {
    }

    /// <summary>A service with the given settings.</summary>
    public StorageService(Initializer initializer)
        : base(initializer)
    {
    }

    /// <inheritdoc />
    public override IList<string> Features => [];

    /// <inheritdoc />
    public override string Name => "storage";

    /// <inheritdoc />
    public override string BaseUri => BaseUriOverride ?? "https://storage.googleapis.com/storage/v1/";

    /// <inheritdoc />
    public override string BasePath => "storage/v1/";

    /// <summary>The OAuth 2.0 scopes of this API.</summary>
    public static class ScopeConstants
    {
        /// <summary>Everything in Google Cloud.</summary>
        public const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

        /// <summary>Data and permissions in Cloud Storage.</summary>
        public const string DevstorageFullControl = "https://www.googleapis.com/auth/devstorage.full_control";

        /// <summary>Reading data in Cloud Storage.</summary>
        public const string DevstorageReadOnly = "https://www.googleapis.com/auth/devstorage.read_only";

        /// <summary>Reading and writing data in Cloud Storage.</summary>
        public const string DevstorageReadWrite = "https://www.googleapis.com/auth/devstorage.read_write";
    }
}
