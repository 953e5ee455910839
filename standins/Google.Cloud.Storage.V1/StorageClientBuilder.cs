using Google.Api.Gax;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Google.Apis.Services;
using Google.Apis.Storage.v1;

namespace Google.Cloud.Storage.V1;

/// <summary>Builds a <see cref="StorageClient"/>.</summary>
public sealed class StorageClientBuilder
{
    private const string EmulatorVariable = "STORAGE_EMULATOR_HOST";

    /// <summary>What the environment's <c>STORAGE_EMULATOR_HOST</c> (<c>http://host:port/storage/v1/</c>) changes; nothing by default.</summary>
    public EmulatorDetection EmulatorDetection { get; set; } = EmulatorDetection.None;

    /// <summary>The service's address, <c>http://host:port/storage/v1/</c>, the trailing slash included; the public one where null.</summary>
    public string? BaseUri { get; set; }

    /// <summary>The application's name in the user agent.</summary>
    public string? ApplicationName { get; set; }

    /// <summary>Send no credentials.</summary>
    public bool UnauthenticatedAccess { get; set; }

    /// <summary>The credential, used as it is.</summary>
    public ICredential? Credential { get; set; }

    /// <summary>The credential, scoped for Cloud Storage when built.</summary>
    public GoogleCredential? GoogleCredential { get; set; }

    /// <summary>Makes the HTTP clients.</summary>
    public IHttpClientFactory? HttpClientFactory { get; set; }

    /// <summary>Builds the client.</summary>
    /// <exception cref="InvalidOperationException">Settings that exclude each other, or no credentials are found.</exception>
    public StorageClient Build()
    {
        var emulator = EmulatorAddress();
        return emulator is not null ? Build(emulator, null) : Build(BaseUri, ScopedCredential(() => GoogleCredential.GetApplicationDefault()));
    }

    /// <summary>Builds the client.</summary>
    /// <exception cref="InvalidOperationException">Settings that exclude each other, or no credentials are found.</exception>
    public async Task<StorageClient> BuildAsync(CancellationToken cancellationToken = default)
    {
        var emulator = EmulatorAddress();
        if (emulator is not null) return Build(emulator, null);
        var found = NeedsApplicationDefault ? await GoogleCredential.GetApplicationDefaultAsync(cancellationToken).ConfigureAwait(false) : null;
        return Build(BaseUri, ScopedCredential(() => found!));
    }

    private bool NeedsApplicationDefault => !UnauthenticatedAccess && Credential is null && GoogleCredential is null;

    private StorageClientImpl Build(string? baseUri, IConfigurableHttpClientInitializer? credential) => new(new StorageService(new BaseClientService.Initializer
    {
        BaseUri = baseUri,
        HttpClientInitializer = credential,
        HttpClientFactory = HttpClientFactory,
        ApplicationName = ApplicationName ?? "google-cloud-dotnet",
        DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
    }));

    private IConfigurableHttpClientInitializer? ScopedCredential(Func<GoogleCredential> applicationDefault)
    {
        if (Credential is not null && GoogleCredential is not null) throw new InvalidOperationException("Only one source of credentials can be specified");
        if (UnauthenticatedAccess && (Credential is not null || GoogleCredential is not null))
            throw new InvalidOperationException("When requesting unauthenticated access, don't specify any other credentials.");
        if (UnauthenticatedAccess) return null;
        if (Credential is not null) return Credential;
        var credential = GoogleCredential ?? applicationDefault();
        return credential.IsCreateScopedRequired ? credential.CreateScoped(StorageService.ScopeConstants.DevstorageFullControl) : credential;
    }

    private string? EmulatorAddress()
    {
        var host = Environment.GetEnvironmentVariable(EmulatorVariable);
        if (string.IsNullOrWhiteSpace(host)) host = null;
        switch (EmulatorDetection)
        {
            case EmulatorDetection.None:
                return null;
            case EmulatorDetection.ProductionOnly:
                return host is null ? null : throw new InvalidOperationException($"{EmulatorVariable} is set, contrary to {nameof(EmulatorDetection.ProductionOnly)}");
            case EmulatorDetection.EmulatorOnly when host is null:
                throw new InvalidOperationException($"{EmulatorVariable} is not set, contrary to {nameof(EmulatorDetection.EmulatorOnly)}");
            case EmulatorDetection.EmulatorOnly when BaseUri is not null || Credential is not null || GoogleCredential is not null:
                throw new InvalidOperationException($"An address or a credential is set, contrary to {nameof(EmulatorDetection.EmulatorOnly)}");
            default:
                return host is null || host.Contains("://", StringComparison.Ordinal) ? host : "http://" + host;
        }
    }
}
