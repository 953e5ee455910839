using System.Net;
using Microsoft.Extensions.Configuration;

namespace Google.Cloud.Functions.Hosting;

/// <summary>The section <c>FunctionsFramework</c>.</summary>
internal sealed class FunctionsFrameworkOptions
{
    private const string Section = "FunctionsFramework";

    public int Port { get; set; } = 8080;

    /// <summary>Whether to listen on every address, and not on loopback alone.</summary>
    public string? Address { get; set; }

    public IPAddress IpAddress => Address == "Any" ? IPAddress.Any : IPAddress.Loopback;

    public static FunctionsFrameworkOptions From(IConfiguration configuration) =>
        configuration.GetSection(Section).Get<FunctionsFrameworkOptions>() ?? new();

    /// <summary>What the environment says, as configuration. <c>K_SERVICE</c> tells that this is Cloud Run, where every line of output
    /// shall be JSON.</summary>
    public static Dictionary<string, string?> Environment()
    {
        var values = new Dictionary<string, string?>();
        if (Variable("PORT") is { } port) values[$"{Section}:{nameof(Port)}"] = port;
        if (bool.TryParse(Variable("DOTNET_RUNNING_IN_CONTAINER"), out var inContainer) && inContainer)
            values[$"{Section}:{nameof(Address)}"] = "Any";
        if (Variable("K_SERVICE") is not null) values[$"{Section}:JsonLogging"] = "True";
        return values;
    }

    private static string? Variable(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
