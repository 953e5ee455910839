using System.Reflection;

namespace Google.Cloud.Functions.Hosting;

/// <summary>Names a <see cref="FunctionsStartup"/> for an assembly or one function; may be given several times.</summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class, AllowMultiple = true)]
public class FunctionsStartupAttribute(Type startupType) : Attribute
{
    /// <summary>The startup class.</summary>
    public Type StartupType { get; set; } = startupType;

    /// <summary>Lower numbers run first; equal ones by the type's name.</summary>
    public int Order { get; set; }

    /// <summary>The startup classes of an assembly and a function, in their order.</summary>
    public static IEnumerable<Type> GetStartupTypes(Assembly assembly, Type? target)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return assembly.GetCustomAttributes<FunctionsStartupAttribute>()
            .Concat(target?.GetCustomAttributes<FunctionsStartupAttribute>(inherit: true) ?? [])
            .OrderBy(startup => startup.Order)
            .ThenBy(startup => startup.StartupType.FullName, StringComparer.Ordinal)
            .Select(startup => startup.StartupType)
            .ToList();
    }
}
