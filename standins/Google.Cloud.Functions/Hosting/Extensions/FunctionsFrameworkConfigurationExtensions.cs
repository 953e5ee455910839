using Google.Cloud.Functions.Hosting;

namespace Microsoft.Extensions.Configuration;

/// <summary>Sources of a function's configuration.</summary>
public static class FunctionsFrameworkConfigurationExtensions
{
    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--target"] = $"{FunctionsFrameworkOptions.Section}:{nameof(FunctionsFrameworkOptions.FunctionTarget)}",
        ["--port"] = $"{FunctionsFrameworkOptions.Section}:{nameof(FunctionsFrameworkOptions.Port)}",
    };

    /// <summary>Reads the environment's <c>FUNCTION_TARGET</c>, <c>PORT</c>, <c>DOTNET_RUNNING_IN_CONTAINER</c> and <c>K_SERVICE</c>.</summary>
    public static IConfigurationBuilder AddFunctionsEnvironment(this IConfigurationBuilder builder) =>
        builder.AddInMemoryCollection(FunctionsFrameworkOptions.Environment());

    /// <summary>Reads <c>--target</c>, <c>--port</c> and keys of configuration; one argument alone is the target.</summary>
    public static IConfigurationBuilder AddFunctionsCommandLine(this IConfigurationBuilder builder, string[] args) => args switch
    {
        null or [] => builder,
        [var target] => builder.AddCommandLine(["--target", target], Switches),
        _ => builder.AddCommandLine(args, Switches),
    };
}
