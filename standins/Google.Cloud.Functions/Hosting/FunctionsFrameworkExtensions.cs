using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Builds the web host of a function.</summary>
public static class FunctionsFrameworkExtensions
{
    /// <summary>Listens on the address and port of the configuration.</summary>
    public static IWebHostBuilder ConfigureKestrelForFunctionsFramework(this IWebHostBuilder builder) => builder.ConfigureKestrel((context, kestrel) =>
    {
        var options = FunctionsFrameworkOptions.From(context.Configuration);
        kestrel.Listen(options.IpAddress, options.Port);
    });

    /// <summary>Adds a startup class.</summary>
    public static IWebHostBuilder UseFunctionsStartup(this IWebHostBuilder webHostBuilder, FunctionsStartup startup)
    {
        ArgumentNullException.ThrowIfNull(startup);
        return webHostBuilder
            .ConfigureLogging(startup.ConfigureLogging)
            .ConfigureServices(startup.ConfigureServices)
            .ConfigureServices(services => services.AddSingleton(startup));
    }

    /// <summary>The startups' middleware, then the function for every path.</summary>
    public static IApplicationBuilder UseFunctionsFramework(this IApplicationBuilder app, WebHostBuilderContext context)
    {
        ArgumentNullException.ThrowIfNull(app);
        foreach (var startup in app.ApplicationServices.GetServices<FunctionsStartup>()) startup.Configure(context, app);
        app.Run(request => request.RequestServices.GetRequiredService<CloudEventAdapter>().HandleAsync(request));
        return app;
    }

    /// <summary>Adds the function.</summary>
    public static IServiceCollection AddFunctionTarget<TFunction>(this IServiceCollection services) => services.AddFunctionTarget(typeof(TFunction));

    internal static IServiceCollection AddFunctionTarget(this IServiceCollection services, Type function) => services
        .AddScoped<CloudEventAdapter>()
        .AddSingleton<CloudEventFormatter>(new JsonEventFormatter())
        .AddScoped(typeof(ICloudEventFunction), function);
}
