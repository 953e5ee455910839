using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>In publish mode, stands in the model for a program or project that is deployed as a container. What is said of one is said of the other.</summary>
internal sealed class PublishedContainer(IResource replaced) : ContainerResource(replaced.Name)
{
    public override ResourceAnnotationCollection Annotations => replaced.Annotations;

    public static IResourceBuilder<T> Replace<T>(IResourceBuilder<T> builder, string contextPath, Action<IResourceBuilder<ContainerResource>>? configure)
        where T : IResourceWithEndpoints
    {
        var application = builder.ApplicationBuilder;
        if (!application.ExecutionContext.IsPublishMode) return builder;

        if (application.Resources.OfType<PublishedContainer>().FirstOrDefault(container => container.Name == builder.Resource.Name) is { } known)
        {
            configure?.Invoke(application.CreateResourceBuilder(known));
            return builder;
        }

        application.Resources.Remove(builder.Resource);
        var container = application.AddResource(new PublishedContainer(builder.Resource));
        // Arguments of a local process name files and ports of this machine.
        container.WithImage(builder.Resource.Name).WithDockerfile(contextPath).WithArgs(context => context.Args.Clear());
        if (builder.Resource is ProjectResource)
        {
            // The port on which ASP.NET Core's base images listen.
            container.WithEndpoint("http", endpoint => endpoint.TargetPort ??= 8080, createIfNotExists: false)
                .WithEndpoint("https", endpoint => endpoint.TargetPort ??= 8080, createIfNotExists: false);
        }

        configure?.Invoke(container);
        return builder.WithManifestPublishingCallback(context => context.WriteContainerAsync(container.Resource));
    }
}
