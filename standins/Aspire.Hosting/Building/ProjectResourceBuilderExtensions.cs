using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">Its project file, relative to the AppHost's folder.</param>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var profileName = builder.Configuration["AppHost:DefaultLaunchProfileName"] ?? builder.Configuration["DOTNET_LAUNCH_PROFILE"];
        return builder.AddProject(name, projectPath, path => LaunchProfile.Find(path, profileName, required: false));
    }

    /// <summary>Adds a project.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">Its project file, relative to the AppHost's folder.</param>
    /// <param name="launchProfileName">The profile of its <c>launchSettings.json</c> to use; null uses none.</param>
    /// <exception cref="DistributedApplicationException">There is no such profile.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName) =>
        builder.AddProject(name, projectPath, path => launchProfileName is null ? null : LaunchProfile.Find(path, launchProfileName, required: true));

    /// <summary>Runs several processes side by side; what uses their endpoints is spread over them.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas));
    }

    /// <summary>Deploys a project as a container that is built from the Dockerfile in its folder.</summary>
    public static IResourceBuilder<T> PublishAsDockerFile<T>(this IResourceBuilder<T> builder, Action<IResourceBuilder<ContainerResource>>? configure = null)
        where T : ProjectResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var project = builder.Resource.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;
        return PublishedContainer.Replace(builder, Path.GetDirectoryName(project)!, configure);
    }

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, string projectPath, Func<string, LaunchProfile?> profileOf)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(projectPath);
        var path = Path.GetFullPath(projectPath, builder.AppHostDirectory);
        var project = builder.AddResource(new ProjectResource(name))
            .WithAnnotation(new ProjectMetadata(path))
            .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        return builder.ExecutionContext.IsPublishMode
            ? project.WithPublishedDefaults(profileOf(path))
            : project.WithTelemetry().WithRunDefaults(profileOf(path));
    }

    private static IResourceBuilder<ProjectResource> WithPublishedDefaults(this IResourceBuilder<ProjectResource> project, LaunchProfile? profile)
    {
        var projected = project.WithEnvironment(context =>
        {
            var endpoints = project.Resource.GetEndpoints().ToArray();
            if (endpoints.Length > 0) context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            SetPorts(context, endpoints, "HTTP_PORTS", "http");
            SetPorts(context, [.. endpoints.Where(endpoint => !endpoint.EndpointAnnotation.FromLaunchProfile)], "HTTPS_PORTS", "https");
        });
        if (profile?.ApplicationUrl is null) return projected;

        // A project that answers HTTP on this machine does so wherever it is deployed.
        return projected.WithEndpoint("http", endpoint => endpoint.UriScheme = "http").WithEndpoint("https", endpoint =>
        {
            endpoint.UriScheme = "https";
            endpoint.FromLaunchProfile = true;
        });
    }

    private static void SetPorts(EnvironmentCallbackContext context, EndpointReference[] endpoints, string variable, string scheme)
    {
        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Scheme == scheme))
        {
            if (!ports.IsEmpty) ports.AppendLiteral(";");
            ports.Append($"{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!ports.IsEmpty) context.EnvironmentVariables.TryAdd(variable, ports.Build());
    }

    private static IResourceBuilder<ProjectResource> WithRunDefaults(this IResourceBuilder<ProjectResource> project, LaunchProfile? profile)
    {
        project.WithEnvironment(context => SetUrls(context, project.Resource));
        if (profile is null) return project;

        foreach (var (endpointName, url) in profile.Endpoints)
        {
            project.WithEndpoint(endpointName, endpoint =>
            {
                (endpoint.Port, endpoint.UriScheme, endpoint.FromLaunchProfile) = (url.Port, url.Scheme, true);
                endpoint.TargetHost = url.IsLoopback ? "localhost" : url.Host;
            });
        }

        if (profile.Arguments.Count > 0) project.WithArgs([.. profile.Arguments]);
        return project.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profile.Name);
            foreach (var (key, value) in profile.EnvironmentVariables) context.EnvironmentVariables.TryAdd(key, value);
        });
    }

    private static void SetUrls(EnvironmentCallbackContext context, ProjectResource project)
    {
        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in project.GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https"))
        {
            if (!urls.IsEmpty) urls.AppendLiteral(";");
            urls.Append($"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty) context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", urls.Build());
    }
}
