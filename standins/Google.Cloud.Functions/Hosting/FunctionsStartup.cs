using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Adds to the host of a function; named by <see cref="FunctionsStartupAttribute"/>. Nothing by default.</summary>
public abstract class FunctionsStartup
{
    /// <summary>Adds services.</summary>
    public virtual void ConfigureServices(WebHostBuilderContext context, IServiceCollection services)
    {
    }

    /// <summary>Adds middleware before the function.</summary>
    public virtual void Configure(WebHostBuilderContext context, IApplicationBuilder app)
    {
    }

    /// <summary>Adds logging providers.</summary>
    public virtual void ConfigureLogging(WebHostBuilderContext context, ILoggingBuilder logging)
    {
    }
}

/// <summary>Names the <see cref="FunctionsStartup"/> of a function.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class FunctionsStartupAttribute(Type startupType) : Attribute
{
    /// <summary>The startup class.</summary>
    public Type StartupType { get; } = startupType;
}
