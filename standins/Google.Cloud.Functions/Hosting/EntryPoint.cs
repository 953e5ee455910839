using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Runs a function as a process.</summary>
public static class EntryPoint
{
    /// <summary>The environment variable with the function's full type name; not needed where the assembly has one function.</summary>
    public const string FunctionTargetEnvironmentVariable = "FUNCTION_TARGET";

    /// <summary>The environment variable with the port, 8080 by default.</summary>
    public const string PortEnvironmentVariable = "PORT";

    /// <summary>Serves a function until the process is told to stop. Listens on loopback, or on every address where
    /// <c>DOTNET_RUNNING_IN_CONTAINER</c> is true; <c>ASPNETCORE_URLS</c> does not count.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> StartAsync(Assembly functionAssembly, string[] args)
    {
        ArgumentNullException.ThrowIfNull(functionAssembly);
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        var early = new ConfigurationBuilder().AddFunctionsEnvironment().AddFunctionsCommandLine(args).Build();
        var expected = FunctionTarget.TryFind(early, functionAssembly);
        using var host = Host.CreateDefaultBuilder()
            .ConfigureWebHostDefaults(web => web
                .ConfigureAppConfiguration(configuration => configuration.AddFunctionsEnvironment().AddFunctionsCommandLine(args))
                .ConfigureLogging((context, logging) => logging.ClearProviders().AddFunctionsConsoleLogging(context))
                .ConfigureKestrelForFunctionsFramework()
                .ConfigureServices((context, services) => services.AddFunctionTarget(context, functionAssembly))
                .UseFunctionsStartups(functionAssembly, expected)
                .Configure((context, app) => app.UseFunctionsFramework(context)))
            .Build();
        await host.RunAsync().ConfigureAwait(false);
        return 0;
    }
}
