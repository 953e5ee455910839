using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Logging;

/// <summary>Logging of a function.</summary>
public static class FunctionsFrameworkLoggingExtensions
{
    /// <summary>Logs to standard output: JSON as Cloud Logging reads it where <c>K_SERVICE</c> is set, otherwise plain lines.</summary>
    public static ILoggingBuilder AddFunctionsConsoleLogging(this ILoggingBuilder builder, WebHostBuilderContext context)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(context);
        builder.Services.AddSingleton<ILoggerProvider>(new ConsoleLines(FunctionsFrameworkOptions.From(context.Configuration).JsonLogging, System.Console.Out));
        return builder;
    }
}
