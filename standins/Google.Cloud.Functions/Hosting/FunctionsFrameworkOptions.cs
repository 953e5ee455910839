using System.Net;
using Microsoft.Extensions.Configuration;

namespace Google.Cloud.Functions.Hosting;

/// <summary>The section <c>FunctionsFramework</c>.</summary>
internal sealed class FunctionsFrameworkOptions
{
    internal const string Section = "FunctionsFramework";

    public int Port { get; set; } = 8080;

    public string? FunctionTarget { get; set; }

    public string? Address { get; set; }

    public bool JsonLogging { get; set; }

    internal IPAddress IpAddress => Address switch
    {
        "Any" => IPAddress.Any,
        null or "Loopback" => IPAddress.Loopback,
        var other => IPAddress.Parse(other),
    };

    internal static FunctionsFrameworkOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<FunctionsFrameworkOptions>() ?? new();

    /// <summary>What the environment says, as configuration.</summary>
    internal static Dictionary<string, string?> Environment()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(FunctionTarget)] = Variable(EntryPoint.FunctionTargetEnvironmentVariable),
            [nameof(Port)] = Variable(EntryPoint.PortEnvironmentVariable),
            [nameof(Address)] = "true".Equals(Variable("DOTNET_RUNNING_IN_CONTAINER"), StringComparison.OrdinalIgnoreCase) ? "Any" : "Loopback",
            [nameof(JsonLogging)] = Variable("K_SERVICE") is null ? "False" : "True",
        };
        return values.Where(pair => pair.Value is not null).ToDictionary(pair => $"{Section}:{pair.Key}", pair => pair.Value);
    }

    private static string? Variable(string name) =>
        System.Environment.GetEnvironmentVariable(name) is var value && string.IsNullOrWhiteSpace(value) ? null : value;
}
