using Microsoft.Extensions.Configuration.CommandLine;

namespace Crispy.Console.People;

/// <summary>A secret by the environment, a file of settings, or a file of its own. Never by the command line, which every user of a machine
/// can read.</summary>
internal static class SecretSetting
{
    /// <summary>Reads it (<see cref="SectionReader.Secret"/>).</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="path">The path of its section.</param>
    /// <param name="key">Its name; with <c>File</c> behind it that of the file.</param>
    /// <returns>Null where there is none, or a mistake.</returns>
    public static string? Read(SettingsReader settings, string path, string key)
    {
        var keys = settings.Section(path);
        if (IsOnCommandLine(settings.Configuration, $"{path}:{key}"))
            keys.Mistake(key, SectionReader.Mask,
                $"stands on the command line, which others can read; give it by the environment, or {key}File");
        return keys.Secret(key, out _);
    }

    private static bool IsOnCommandLine(IConfiguration configuration, string path) => configuration is IConfigurationRoot root
        && root.Providers.OfType<CommandLineConfigurationProvider>()
        .Any(provider => provider.TryGet(path, out var value) && !string.IsNullOrEmpty(value));
}
