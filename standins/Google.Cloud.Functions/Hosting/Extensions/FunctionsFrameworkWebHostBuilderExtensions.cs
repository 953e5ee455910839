using System.Reflection;
using Google.Cloud.Functions.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Builds the web host of a function.</summary>
public static class FunctionsFrameworkWebHostBuilderExtensions
{
    /// <summary>Listens on the address and port of the configuration.</summary>
    public static IWebHostBuilder ConfigureKestrelForFunctionsFramework(this IWebHostBuilder builder) => builder.ConfigureKestrel((context, kestrel) =>
    {
        var options = FunctionsFrameworkOptions.From(context.Configuration);
        kestrel.Listen(options.IpAddress, options.Port);
    });

    /// <summary>Adds every startup class that an assembly and a function name.</summary>
    public static IWebHostBuilder UseFunctionsStartups(this IWebHostBuilder webHostBuilder, Assembly assembly, Type? functionType)
    {
        foreach (var type in FunctionsStartupAttribute.GetStartupTypes(assembly, functionType))
        {
            webHostBuilder.UseFunctionsStartup((FunctionsStartup)Activator.CreateInstance(type)!);
        }
        return webHostBuilder;
    }

    /// <summary>Adds a startup class.</summary>
    public static IWebHostBuilder UseFunctionsStartup(this IWebHostBuilder webHostBuilder, FunctionsStartup startup)
    {
        ArgumentNullException.ThrowIfNull(startup);
        return webHostBuilder
            .ConfigureAppConfiguration(startup.ConfigureAppConfiguration)
            .ConfigureLogging(startup.ConfigureLogging)
            .ConfigureServices(startup.ConfigureServices)
            .ConfigureServices(services => services.AddSingleton(startup));
    }
}
