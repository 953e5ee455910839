using System.Text.Json;

namespace Aspire.Hosting;

/// <summary>
/// A profile of a project's <c>Properties/launchSettings.json</c>. Example:
/// <c>{"profiles": {"http": {"commandName": "Project", "applicationUrl": "http://localhost:5000", "environmentVariables": {"A": "b"}}}}</c>.
/// </summary>
internal sealed class LaunchProfile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private LaunchProfile(JsonProperty profile)
    {
        Name = profile.Name;
        ApplicationUrl = Text(profile.Value, "applicationUrl");
        Arguments = Text(profile.Value, "commandLineArgs") is { } line ? CommandLine.Split(line) : [];
        EnvironmentVariables = profile.Value.TryGetProperty("environmentVariables", out var variables)
            ? variables.EnumerateObject().ToDictionary(one => one.Name, one => Environment.ExpandEnvironmentVariables(one.Value.ToString()))
            : [];
    }

    public string Name { get; }

    public string? ApplicationUrl { get; }

    public IReadOnlyList<string> Arguments { get; }

    public IReadOnlyDictionary<string, string> EnvironmentVariables { get; }

    /// <summary>The first URL of a scheme is named like the scheme, the others <c>http2</c>, <c>http3</c>, ...</summary>
    public IEnumerable<(string Name, Uri Url)> Endpoints =>
        (ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(url => new Uri(url))
            .GroupBy(url => url.Scheme)
            .SelectMany(sameScheme => sameScheme.Select((url, index) => (index == 0 ? url.Scheme : $"{url.Scheme}{index + 1}", url)));

    /// <summary>The profile of a name if there is one; else, unless it is required, the first that starts the project.</summary>
    public static LaunchProfile? Find(string projectPath, string? name, bool required)
    {
        var settings = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(settings)) return required ? throw Missing(projectPath, name) : null;

        using var document = JsonDocument.Parse(File.ReadAllText(settings), Lenient);
        if (!document.RootElement.TryGetProperty("profiles", out var profiles)) return required ? throw Missing(projectPath, name) : null;

        var all = profiles.EnumerateObject().ToArray();
        var named = all.Where(profile => profile.Name == name).Take(1);
        var usual = required ? [] : all.Where(profile => Text(profile.Value, "commandName") == "Project").Take(1);
        return named.Concat(usual).Select(profile => new LaunchProfile(profile)).FirstOrDefault() ?? (required ? throw Missing(projectPath, name) : null);
    }

    private static DistributedApplicationException Missing(string projectPath, string? name) => new($"{projectPath} has no launch profile '{name}'.");

    private static string? Text(JsonElement profile, string property) =>
        profile.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
