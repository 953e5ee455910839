using System.Reflection;

namespace Aspire.Hosting;

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>Name of the AppHost's assembly; null is the program that runs.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Whether to run without a dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Whether http is good enough for dashboard and telemetry. The stand-in always uses http, on the loopback interface.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Folder of the AppHost's project; by default what its build wrote into the assembly, else the current directory.</summary>
    public string? ProjectDirectory
    {
        get => field ?? AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => string.Equals(metadata.Key, "apphostprojectpath", StringComparison.OrdinalIgnoreCase))?.Value;
        set;
    }

    internal Assembly? AppHostAssembly => AssemblyName is null ? Assembly.GetEntryAssembly() : Assembly.Load(AssemblyName);

    /// <summary>Debug or Release, as the AppHost itself was built.</summary>
    internal string BuildConfiguration => AppHostAssembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration is { Length: > 0 } built ? built : "Debug";
}
