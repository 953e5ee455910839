namespace Aspire.Hosting.ApplicationModel;

/// <summary>A program of this machine.</summary>
public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>A program.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="command">A program on the PATH, or a path to one.</param>
    /// <param name="workingDirectory">The folder it starts in.</param>
    public ExecutableResource(string name, string command, string workingDirectory) : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    /// <summary>A program on the PATH, or a path to one.</summary>
    public string Command => Executable.Command;

    /// <summary>The folder it starts in.</summary>
    public string WorkingDirectory => Executable.WorkingDirectory;

    private ExecutableAnnotation Executable => Annotations.OfType<ExecutableAnnotation>().Last();
}

/// <summary>What program an executable resource runs, and where.</summary>
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>A program on the PATH, or a path to one.</summary>
    public required string Command { get; set; }

    /// <summary>The folder it starts in.</summary>
    public required string WorkingDirectory { get; set; }
}
