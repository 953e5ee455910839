using System.Reflection;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Google.Cloud.Functions.Framework;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Which class is the function, and how a request reaches it.</summary>
/// <param name="Type">The function's class.</param>
internal sealed record FunctionTarget(Type Type)
{
    internal static Type Find(IConfiguration configuration, Assembly assembly) => FunctionsFrameworkOptions.From(configuration).FunctionTarget is { } name
        ? assembly.GetType(name) ?? throw new InvalidOperationException($"Can't load specified function type '{name}'")
        : Candidates(assembly) switch
        {
            [var only] => only,
            [] => throw new ArgumentException("No valid Cloud Function types found."),
            _ => throw new ArgumentException("Multiple Cloud Function types found. Please specify the function to run via the command line or the "
                + $"{EntryPoint.FunctionTargetEnvironmentVariable} environment variable."),
        };

    internal static Type? TryFind(IConfiguration configuration, Assembly assembly) => FunctionsFrameworkOptions.From(configuration).FunctionTarget is { } name
        ? assembly.GetType(name)
        : Candidates(assembly) is [var only] ? only : null;

    internal static IServiceCollection Add(IServiceCollection services, Type type)
    {
        services.AddSingleton(new FunctionTarget(type));
        if (typeof(IHttpFunction).IsAssignableFrom(type)) return services.AddScoped(typeof(IHttpFunction), type);
        if (typeof(ICloudEventFunction).IsAssignableFrom(type))
        {
            return services
                .AddScoped<IHttpFunction, CloudEventAdapter>()
                .AddSingleton<CloudEventFormatter>(new JsonEventFormatter())
                .AddScoped(typeof(ICloudEventFunction), type);
        }
        if (TypedData(type) is not { } data) throw new InvalidOperationException($"Function type '{type.FullName}' doesn't support any known function interfaces.");
        services.AddScoped(typeof(IHttpFunction), typeof(CloudEventAdapter<>).MakeGenericType(data));
        services.AddScoped(typeof(ICloudEventFunction<>).MakeGenericType(data), type);
        if (CloudEventFormatterAttribute.CreateFormatter(data) is { } formatter) services.AddSingleton(formatter);
        return services;
    }

    private static List<Type> Candidates(Assembly assembly) => [.. assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false, IsGenericType: false }
        && (typeof(IHttpFunction).IsAssignableFrom(type) || typeof(ICloudEventFunction).IsAssignableFrom(type) || TypedData(type) is not null))];

    private static Type? TypedData(Type type) =>
        type.GetInterfaces().Where(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ICloudEventFunction<>)).ToList() is [var only]
            ? only.GetGenericArguments()[0]
            : null;
}
