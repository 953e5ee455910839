using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting
{
    /// <summary>Describes an application.</summary>
    public interface IDistributedApplicationBuilder
    {
        /// <summary>Command line, environment and settings files.</summary>
        ConfigurationManager Configuration { get; }

        /// <summary>Folder of the AppHost's project; relative paths start there.</summary>
        string AppHostDirectory { get; }

        /// <summary>The program that describes the application.</summary>
        Assembly? AppHostAssembly { get; }

        /// <summary>Environment of the AppHost itself.</summary>
        IHostEnvironment Environment { get; }

        /// <summary>Services of the AppHost; hosted services start and stop with the application.</summary>
        IServiceCollection Services { get; }

        /// <summary>Events of the application.</summary>
        IDistributedApplicationEventing Eventing { get; }

        /// <summary>Run or publish.</summary>
        DistributedApplicationExecutionContext ExecutionContext { get; }

        /// <summary>What was added so far.</summary>
        IResourceCollection Resources { get; }

        /// <summary>Adds a resource.</summary>
        /// <exception cref="DistributedApplicationException">There is one of this name, whatever the case.</exception>
        IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

        /// <summary>To say more about a resource, which need not have been added.</summary>
        IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

        /// <summary>The application, ready to run.</summary>
        DistributedApplication Build();
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>What an annotation does to others of its type.</summary>
    public enum ResourceAnnotationMutationBehavior
    {
        /// <summary>It joins them.</summary>
        Append,

        /// <summary>It replaces them.</summary>
        Replace,
    }

    /// <summary>Says more about a resource.</summary>
    public interface IResourceBuilder<out T> where T : IResource
    {
        /// <summary>The application's builder.</summary>
        IDistributedApplicationBuilder ApplicationBuilder { get; }

        /// <summary>The resource.</summary>
        T Resource { get; }

        /// <summary>Adds an annotation.</summary>
        IResourceBuilder<T> WithAnnotation<TAnnotation>(
            TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append) where TAnnotation : IResourceAnnotation;
    }
}
