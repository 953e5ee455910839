using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A .NET project of this source tree.</summary>
    public class ProjectResource(string name) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource;

    /// <summary>How many processes of a resource run side by side.</summary>
    public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
    {
        /// <summary>At least 1.</summary>
        public int Replicas { get; } = replicas;
    }
}

namespace Aspire.Hosting
{
    /// <summary>Where a project resource's project lies.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        /// <summary>Full path of the project file.</summary>
        string ProjectPath { get; }
    }

    internal sealed record ProjectMetadata(string ProjectPath) : IProjectMetadata;
}
