using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Builds the request pipeline of a function.</summary>
public static partial class ApplicationBuilderExtensions
{
    /// <summary>The startups' middleware, then the function for every path but <c>/robots.txt</c> and <c>/favicon.ico</c>.</summary>
    public static IApplicationBuilder UseFunctionsFramework(this IApplicationBuilder app, WebHostBuilderContext context)
    {
        ArgumentNullException.ThrowIfNull(app);
        foreach (var startup in app.ApplicationServices.GetServices<FunctionsStartup>()) startup.Configure(context, app);
        app.Map("/robots.txt", NotFound);
        app.Map("/favicon.ico", NotFound);
        app.Run(request => request.RequestServices.GetRequiredService<IHttpFunction>().HandleAsync(request));
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EntryPoint).FullName!);
        var function = app.ApplicationServices.GetRequiredService<FunctionTarget>().Type;
        LogServing(logger, function);
        return app;

        static void NotFound(IApplicationBuilder branch) => branch.Run(request =>
        {
            request.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving function {Function}")]
    private static partial void LogServing(ILogger logger, Type function);
}
