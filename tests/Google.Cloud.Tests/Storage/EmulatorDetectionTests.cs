using System.Security.Cryptography;
using Google.Api.Gax;
using Google.Apis.Auth.OAuth2;
using Google.Cloud.Storage.V1;

namespace Google.Cloud.Tests.Storage;

/// <summary>The one place that sets the environment variable: these tests run one after the other.</summary>
public sealed class EmulatorDetectionTests : IDisposable
{
    private const string Variable = "STORAGE_EMULATOR_HOST";
    private const string Address = "http://127.0.0.1:4443/storage/v1/";

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, null);

    [Theory]
    [InlineData(EmulatorDetection.EmulatorOnly)]
    [InlineData(EmulatorDetection.EmulatorOrProduction)]
    public void The_environment_leads_to_the_emulator_when_it_is_asked(EmulatorDetection detection)
    {
        Environment.SetEnvironmentVariable(Variable, Address);
        using var client = new StorageClientBuilder { EmulatorDetection = detection }.Build();
        Assert.Equal(Address, client.Service.BaseUri);
        Assert.Null(client.Service.HttpClientInitializer);
    }

    [Fact]
    public void The_environment_is_ignored_by_default()
    {
        Environment.SetEnvironmentVariable(Variable, Address);
        using var client = new StorageClientBuilder { UnauthenticatedAccess = true }.Build();
        Assert.Equal("https://storage.googleapis.com/storage/v1/", client.Service.BaseUri);
    }

    [Fact]
    public void Without_the_variable_only_production_can_be_built()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Throws<InvalidOperationException>(() => new StorageClientBuilder { EmulatorDetection = EmulatorDetection.EmulatorOnly }.Build());
        using var client = new StorageClientBuilder { EmulatorDetection = EmulatorDetection.EmulatorOrProduction, UnauthenticatedAccess = true }.Build();
        Assert.StartsWith("https://", client.Service.BaseUri, StringComparison.Ordinal);
    }

    [Fact]
    public void An_emulator_contradicts_production()
    {
        Environment.SetEnvironmentVariable(Variable, Address);
        Assert.Throws<InvalidOperationException>(() => new StorageClientBuilder { EmulatorDetection = EmulatorDetection.ProductionOnly, UnauthenticatedAccess = true }.Build());
    }

    [Fact]
    public void Credentials_exclude_access_without_them()
    {
        using var key = RSA.Create(2048);
        var account = new ServiceAccountCredential(new ServiceAccountCredential.Initializer("someone@project.example") { Key = key });
        Assert.Throws<InvalidOperationException>(() => new StorageClientBuilder { UnauthenticatedAccess = true, Credential = account }.Build());
        Assert.Throws<InvalidOperationException>(() => new StorageClientBuilder { GoogleCredential = account.ToGoogleCredential(), Credential = account }.Build());
        using var client = new StorageClientBuilder { GoogleCredential = account.ToGoogleCredential() }.Build();
        Assert.NotNull(client.Service.HttpClientInitializer);
    }
}
