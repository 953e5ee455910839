using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Crispy.StreamHandle.Configuring;

/// <summary>Finds where a section of the configuration was written down, for the person who wants to change it.</summary>
internal static class ConfigurationPlace
{
    /// <summary>Says it of a section.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="section">The section.</param>
    /// <param name="key">The key in it whose place counts.</param>
    public static ConfiguredAt Of(IConfiguration configuration, IConfigurationSection section, string key = "Url") =>
        new(section.Path, configuration is IConfigurationRoot root ? Source(root, section, $"{section.Path}:{key}") : null);

    // The last provider that has a key counts.
    private static string? Source(IConfigurationRoot root, IConfigurationSection section, string key) =>
        root.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(key, out _)) switch
        {
            EnvironmentVariablesConfigurationProvider =>
                $"environment variables {section.Path.Replace(":", "__", StringComparison.Ordinal)}__...",
            CommandLineConfigurationProvider => "the command line",
            FileConfigurationProvider { Source: { Path: { } path } source } => source.FileProvider?.GetFileInfo(path).PhysicalPath ?? path,
            ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } => Source(inner, section, key),
            _ => null,
        };
}
