namespace Crispy.Deployment.Tests;

/// <summary>The keys in use of the compose specification; any other is refused.</summary>
internal sealed class ComposeFile
{
    public string Name { get; set; } = "";

    [YamlDotNet.Serialization.YamlMember(Alias = "x-servers", ApplyNamingConventions = false)]
    public object? Servers { get; set; }

    [YamlDotNet.Serialization.YamlMember(Alias = "x-service", ApplyNamingConventions = false)]
    public object? Common { get; set; }

    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, object?> Volumes { get; set; } = [];

    public static ComposeFile Read(string name) => Yaml.ReadUnderscored<ComposeFile>(Repository.Read("deploy", "compose", name));
}

internal sealed class ComposeService
{
    public string Image { get; set; } = "";

    public ComposeBuild? Build { get; set; }

    public string? User { get; set; }

    public string? WorkingDir { get; set; }

    public string? Hostname { get; set; }

    public List<string>? Entrypoint { get; set; }

    public List<string>? Command { get; set; }

    public Dictionary<string, string> Environment { get; set; } = [];

    public List<Dictionary<string, string>>? EnvFile { get; set; }

    public Dictionary<string, Dictionary<string, string>>? DependsOn { get; set; }

    public Dictionary<string, string>? Deploy { get; set; }

    public List<string> Ports { get; set; } = [];

    public List<string> Volumes { get; set; } = [];

    public Dictionary<string, object>? Healthcheck { get; set; }

    public string? MemLimit { get; set; }

    public string? Restart { get; set; }

    public bool ReadOnly { get; set; }

    public List<string>? Tmpfs { get; set; }

    public List<string> CapDrop { get; set; } = [];

    public List<string>? CapAdd { get; set; }

    public List<string> SecurityOpt { get; set; } = [];

    public string? StopGracePeriod { get; set; }

    public Dictionary<string, object>? Logging { get; set; }
}

internal sealed class ComposeBuild
{
    public string Context { get; set; } = "";

    public string Dockerfile { get; set; } = "";
}
