namespace Crispy.Deployment.Tests;

/// <summary>What a deployment must take over from the manifest, and what it may leave to itself.</summary>
internal static class ManifestRules
{
    // Written by Aspire for every service: other spellings of the connection strings, and what the platform decides.
    private static readonly string[] Optional =
        ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "REDIS_", "RABBITMQ_", "STREAM_HANDLE_",
            "STREAM-HANDLE_", "PORT"];

    /// <summary>The keys without which the service would not be the one that the AppHost describes.</summary>
    public static async Task<string[]> RequiredKeysAsync(string service) =>
        [.. (await Repository.EnvironmentAsync(service)).Keys.Where(key =>
            !Optional.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))];

    /// <summary>The port on which a resource listens.</summary>
    public static async Task<int> PortAsync(string resource, string binding) =>
        (int)(await Repository.ResourcesAsync())[resource]!["bindings"]![binding]!["targetPort"]!;

    /// <summary>Where a resource's only volume is mounted.</summary>
    public static async Task<(string Name, string Target)> VolumeAsync(string resource)
    {
        var volume = Assert.Single((await Repository.ResourcesAsync())[resource]!["volumes"]!.AsArray())!;
        return ((string)volume["name"]!, (string)volume["target"]!);
    }

    /// <summary>A resource's image.</summary>
    public static async Task<string> ImageAsync(string resource) => (string)(await Repository.ResourcesAsync())[resource]!["image"]!;
}
