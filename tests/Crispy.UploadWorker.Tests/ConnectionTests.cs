using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.UploadWorker.Tests;

/// <summary>Failures on the way to the bucket: names, connections, certificates, tokens.</summary>
public sealed class ConnectionTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task A_name_that_does_not_resolve_is_transient()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Storage = new() { BaseUri = "http://crispy.invalid/storage/v1/", UnauthenticatedAccess = true };

        Assert.IsType<Verdict.Later>(await rig.UploadAsync(rig.Chunk(0), "--Crispy:Upload:RetriesInPlace=1"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_transient()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Storage = new() { BaseUri = $"http://127.0.0.1:{FreePort.Next()}/storage/v1/", UnauthenticatedAccess = true };

        Assert.IsType<Verdict.Later>(await rig.UploadAsync(rig.Chunk(0), "--Crispy:Upload:RetriesInPlace=1"));
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_a_fault_of_configuration_and_nothing_is_sent()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var requests = 0;
        await using var server = await StartTlsAsync(() => Interlocked.Increment(ref requests));
        rig.Storage = new() { BaseUri = server.Urls.First() + "/storage/v1/", UnauthenticatedAccess = true };

        var refused = Assert.IsType<Verdict.Refused>(await rig.UploadAsync(rig.Chunk(0)));

        Assert.Contains("TLS", refused.Reason, StringComparison.Ordinal);
        Assert.False(refused.MayBeThisChunk);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_token_that_expired_is_renewed_and_the_chunk_stored_without_a_refusal()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        await using var tokens = await TokenServer.StartAsync();
        rig.Storage = new() { BaseUri = rig.Bucket.BaseUri, Credential = tokens.Credential() };
        rig.Bucket.BeforeUpload = async context =>
            context.Request.Headers.Authorization != "Bearer token-2"
            && await FaultyBucket.AnswerAsync(context, 401, "Invalid Credentials", reason: "authError");

        Assert.IsType<Verdict.Stored>(await rig.UploadAsync(rig.Chunk(0)));

        Assert.Equal((2, 2), (tokens.Given, rig.Bucket.Uploads.Count));
    }

    [Theory]
    [InlineData(400, "Refused")] // the key was revoked
    [InlineData(503, "Later")]
    public async Task A_token_that_is_not_given_is_sorted_like_an_answer_of_the_bucket(int status, string verdict)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        await using var tokens = await TokenServer.StartAsync(status);
        rig.Storage = new() { BaseUri = rig.Bucket.BaseUri, Credential = tokens.Credential() };

        var found = await rig.UploadAsync(rig.Chunk(0), "--Crispy:Upload:RetriesInPlace=0");

        Assert.Equal(verdict, found.GetType().Name);
        Assert.Contains("no access token", found.ToString(), StringComparison.Ordinal);
        Assert.Empty(rig.Bucket.Uploads);
    }

    private static async Task<WebApplication> StartTlsAsync(Action onRequest)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(context =>
        {
            onRequest();
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>An OAuth token endpoint (RFC 7523), and a service account made for it.</summary>
    private sealed class TokenServer(WebApplication app) : IAsyncDisposable
    {
        private int _given;

        public int Given => Volatile.Read(ref _given);

        public static async Task<TokenServer> StartAsync(int status = 200)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var server = new TokenServer(app);
            app.MapPost("/token", () => status == 200
                ? Results.Json(
                    new { access_token = $"token-{Interlocked.Increment(ref server._given)}", expires_in = 3600, token_type = "Bearer" })
                : Results.Json(new { error = "invalid_grant", error_description = "as told" }, statusCode: status));
            await app.StartAsync();
            return server;
        }

        public ServiceAccountCredential Credential()
        {
            using var rsa = RSA.Create(2048);
            return new(new ServiceAccountCredential.Initializer("crispy@example.iam.gserviceaccount.com", app.Urls.First() + "/token")
            {
                Scopes = ["https://www.googleapis.com/auth/devstorage.read_write"],
            }.FromPrivateKey(rsa.ExportPkcs8PrivateKeyPem()));
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
