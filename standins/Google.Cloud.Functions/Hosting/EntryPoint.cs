using System.Reflection;
using Google.Cloud.Functions.Framework;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Runs a function as a process.</summary>
public static class EntryPoint
{
    /// <summary>Serves a function until the process is told to stop. <c>FUNCTION_TARGET</c> names its class, not needed where the assembly
    /// has one function; <c>PORT</c> the port, 8080 by default. Listens on loopback, or on every address where
    /// <c>DOTNET_RUNNING_IN_CONTAINER</c> is true; <c>ASPNETCORE_URLS</c> does not count.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidOperationException">The assembly has no such function.</exception>
    public static async Task<int> StartAsync(Assembly functionAssembly, string[] args)
    {
        ArgumentNullException.ThrowIfNull(functionAssembly);
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        var function = FindFunction(functionAssembly);
        using var host = Host.CreateDefaultBuilder()
            .ConfigureWebHostDefaults(web =>
            {
                web.ConfigureAppConfiguration(configuration => configuration
                        .AddInMemoryCollection(FunctionsFrameworkOptions.Environment())
                        .AddCommandLine(args))
                    .ConfigureLogging(logging => logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true))
                    .ConfigureKestrelForFunctionsFramework()
                    .ConfigureServices(services => services.AddFunctionTarget(function));
                foreach (var startup in function.GetCustomAttributes<FunctionsStartupAttribute>())
                    web.UseFunctionsStartup((FunctionsStartup)Activator.CreateInstance(startup.StartupType)!);
                web.Configure((context, app) => app.UseFunctionsFramework(context));
            })
            .Build();
        await host.RunAsync().ConfigureAwait(false);
        return 0;
    }

    private static Type FindFunction(Assembly assembly)
    {
        if (Environment.GetEnvironmentVariable("FUNCTION_TARGET") is { Length: > 0 } name)
            return assembly.GetType(name) ?? throw new InvalidOperationException($"Can't load specified function type '{name}'");
        var functions = assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(ICloudEventFunction).IsAssignableFrom(type));
        return functions.ToList() is [var only]
            ? only
            : throw new InvalidOperationException("FUNCTION_TARGET is needed: the assembly has no function, or several");
    }
}
