using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Cloud.Storage.V1;

namespace Google.Cloud.Tests.Storage;

/// <summary>Google's published vectors of V4 signatures. RSA PKCS #1 v1.5 is deterministic: where a vector's own signature fits the bytes
/// that we would sign, we would make the same URL with its key, which is not published.</summary>
public sealed class SigningVectorTests
{
    private static readonly string? Folder = Find();

    [Fact]
    public async Task Every_published_vector_gives_the_expected_url_and_bytes_that_its_signature_fits()
    {
        if (Folder is null) Assert.Skip("no folder shared/conformance beside the repository");
        using var account = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "test_service_account.public.json"), TestContext.Current.CancellationToken));
        using var vectors = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "v4_signatures.json"), TestContext.Current.CancellationToken));
        using var key = RSA.Create();
        key.ImportFromPem(account.RootElement.GetProperty("public_key").GetString());
        var tests = vectors.RootElement.GetProperty("signingV4Tests").EnumerateArray().ToList();
        Assert.Equal(20, tests.Count);
        foreach (var vector in tests) await CheckAsync(vector, account.RootElement.GetProperty("client_email").GetString()!, key);
    }

    private static async Task CheckAsync(JsonElement vector, string account, RSA key)
    {
        var name = vector.GetProperty("description").GetString();
        var expected = vector.GetProperty("expectedUrl").GetString()!;
        var recorder = new RecordingSigner(account, Convert.FromHexString(expected.Split("X-Goog-Signature=")[1]));
        var now = DateTimeOffset.Parse(vector.GetProperty("timestamp").GetString()!, CultureInfo.InvariantCulture);
        var url = await UrlSigner.FromBlobSigner(recorder).WithTime(new FixedTime(now)).SignAsync(Request(vector), Options(vector), TestContext.Current.CancellationToken);

        Assert.True(url == expected, $"{name}: {url}");
        Assert.Equal(vector.GetProperty("expectedStringToSign").GetString(), System.Text.Encoding.UTF8.GetString(recorder.Signed!));
        Assert.True(key.VerifyData(recorder.Signed!, recorder.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), name);
    }

    private static UrlSigner.RequestTemplate Request(JsonElement vector) => UrlSigner.RequestTemplate
        .FromBucket(vector.GetProperty("bucket").GetString()!)
        .WithObjectName(Text(vector, "object"))
        .WithHttpMethod(new HttpMethod(vector.GetProperty("method").GetString()!))
        .WithRequestHeaders(Pairs(vector, "headers"))
        .WithQueryParameters(Pairs(vector, "queryParameters"));

    private static UrlSigner.Options Options(JsonElement vector)
    {
        var options = UrlSigner.Options.FromDuration(TimeSpan.FromSeconds(vector.GetProperty("expiration").GetInt32())).WithSigningVersion(SigningVersion.V4);
        options = Text(vector, "urlStyle") switch
        {
            "VIRTUAL_HOSTED_STYLE" => options.WithUrlStyle(UrlSigner.UrlStyle.VirtualHostedStyle),
            "BUCKET_BOUND_HOSTNAME" => options.WithBucketBoundHostname(Text(vector, "bucketBoundHostname")!),
            _ => options,
        };
        var address = Text(vector, "hostname") is { } host ? $"{Text(vector, "scheme") ?? "https"}://{host}" : Text(vector, "clientEndpoint");
        if (address is null) return options.WithScheme(Text(vector, "scheme"));
        var uri = new Uri(address);
        return options.WithScheme(uri.Scheme).WithHost(uri.Host).WithPort(uri.IsDefaultPort ? null : uri.Port);
    }

    private static Dictionary<string, IReadOnlyCollection<string>>? Pairs(JsonElement vector, string name) => vector.TryGetProperty(name, out var pairs)
        ? pairs.EnumerateObject().ToDictionary(pair => pair.Name, IReadOnlyCollection<string> (pair) => [pair.Value.GetString()!])
        : null;

    private static string? Text(JsonElement vector, string name) => vector.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "conformance");
            if (File.Exists(Path.Combine(candidate, "v4_signatures.json"))) return candidate;
        }
        return null;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class RecordingSigner(string id, byte[] signature) : UrlSigner.IBlobSigner
    {
        public byte[]? Signed { get; private set; }

        public byte[] Signature => signature;

        public string Id => id;

        public string Algorithm => "GOOG4-RSA-SHA256";

        public string CreateSignature(byte[] data, UrlSigner.BlobSignerParameters parameters)
        {
            Signed = data;
            return Convert.ToBase64String(signature);
        }

        public Task<string> CreateSignatureAsync(byte[] data, UrlSigner.BlobSignerParameters parameters, CancellationToken cancellationToken) =>
            Task.FromResult(CreateSignature(data, parameters));
    }
}
