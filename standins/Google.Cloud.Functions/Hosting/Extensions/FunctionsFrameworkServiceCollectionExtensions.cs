using System.Reflection;
using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the function.</summary>
public static class FunctionsFrameworkServiceCollectionExtensions
{
    /// <summary>Adds the function that the configuration names, or the only one of an assembly.</summary>
    public static IServiceCollection AddFunctionTarget(this IServiceCollection services, WebHostBuilderContext context, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(assembly);
        return services.AddFunctionTarget(FunctionTarget.Find(context.Configuration, assembly));
    }

    /// <summary>Adds a function.</summary>
    public static IServiceCollection AddFunctionTarget<TFunction>(this IServiceCollection services) => services.AddFunctionTarget(typeof(TFunction));

    /// <summary>Adds a function.</summary>
    public static IServiceCollection AddFunctionTarget(this IServiceCollection services, Type type)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(type);
        return FunctionTarget.Add(services, type);
    }
}
