using Crispy.Contracts;
using Microsoft.Extensions.Configuration.CommandLine;

namespace Crispy.Console.People;

/// <summary>A secret as the configuration gives it: the secret itself, from the environment or a file of settings, or the file that holds
/// it. Never from the command line, which every user of a machine can read.</summary>
internal static class SecretSetting
{
    /// <summary>Reads it.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="section">The section that has the setting.</param>
    /// <param name="key">Its name; with <c>File</c> behind it that of the file.</param>
    /// <param name="mistakes">Takes what is wrong; never the secret.</param>
    /// <returns>Null where there is none, or a mistake.</returns>
    public static string? Read(IConfiguration configuration, IConfigurationSection section, string key, List<string> mistakes)
    {
        var (text, file) = (Text(section[key]), Text(section[key + "File"]));
        if (text is not null && IsOnCommandLine(configuration, $"{section.Path}:{key}"))
        {
            mistakes.Add(
                $"{section.Path}:{key} is '***': stands on the command line, which others can read; give it by the environment, "
                    + $"or {key}File");
            return null;
        }
        if (text is not null && file is not null)
        {
            mistakes.Add($"{section.Path}:{key}File is '{file}': is given together with {key}; give one of them");
            return null;
        }
        try
        {
            return file is null ? text : SecretFile.Read(file).Trim();
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{section.Path}:{key}File is '{file}': {unusable.Message}");
            return null;
        }
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static bool IsOnCommandLine(IConfiguration configuration, string path) => configuration is IConfigurationRoot root
        && root.Providers.OfType<CommandLineConfigurationProvider>()
        .Any(provider => provider.TryGet(path, out var value) && !string.IsNullOrEmpty(value));
}
