namespace Aspire.Hosting.ApplicationModel;

/// <summary>The image of a container.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    private string? _tag;
    private string? _sha256;

    /// <summary>Host name of the registry; null is the runtime's default.</summary>
    public string? Registry { get; set; }

    /// <summary>Repository name, without registry and tag.</summary>
    public required string Image { get; set; }

    /// <summary>The tag; setting it clears the digest.</summary>
    public string? Tag { get => _tag; set => (_tag, _sha256) = (value, null); }

    /// <summary>The image's digest in hexadecimal; setting it clears the tag.</summary>
    public string? SHA256 { get => _sha256; set => (_sha256, _tag) = (value, null); }
}

/// <summary>From where a mount comes.</summary>
public enum ContainerMountType
{
    /// <summary>A folder or file of the host.</summary>
    BindMount,

    /// <summary>A volume that the container runtime keeps.</summary>
    Volume,
}

/// <summary>A folder of the host or a volume, seen inside a container.</summary>
public sealed class ContainerMountAnnotation : IResourceAnnotation
{
    /// <summary>A mount.</summary>
    /// <exception cref="ArgumentException">A bind mount without a rooted source, or an anonymous volume that is read-only.</exception>
    public ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly)
    {
        if (type == ContainerMountType.BindMount && !Path.IsPathRooted(source))
        {
            throw new ArgumentException("A bind mount needs a rooted path on the host.", nameof(source));
        }

        if (type == ContainerMountType.Volume && string.IsNullOrEmpty(source) && isReadOnly)
        {
            throw new ArgumentException("An anonymous volume cannot be read-only.", nameof(isReadOnly));
        }

        (Source, Target, Type, IsReadOnly) = (source, target, type, isReadOnly);
    }

    /// <summary>Path on the host, or the volume's name; null is an anonymous volume.</summary>
    public string? Source { get; }

    /// <summary>Path inside the container.</summary>
    public string Target { get; }

    /// <summary>From where it comes.</summary>
    public ContainerMountType Type { get; }

    /// <summary>Whether the container may only read it.</summary>
    public bool IsReadOnly { get; }
}

/// <summary>Says that a container's image is built from a Dockerfile.</summary>
public class DockerfileBuildAnnotation(string contextPath, string dockerfilePath, string? stage) : IResourceAnnotation
{
    /// <summary>Full path of the build context.</summary>
    public string ContextPath => contextPath;

    /// <summary>Full path of the Dockerfile.</summary>
    public string DockerfilePath => dockerfilePath;

    /// <summary>The stage to build; null is the last.</summary>
    public string? Stage => stage;

    /// <summary>Build arguments: strings, parameters or null (taken from the environment of the build).</summary>
    public Dictionary<string, object?> BuildArguments { get; } = [];
}
