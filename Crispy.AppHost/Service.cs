namespace Crispy.AppHost;

/// <summary>A service of Crispy as a resource.</summary>
internal static class Service
{
    // An IDE that debugs, and dotnet watch, start the project in their own way.
    private static readonly string[] OthersStartIt = ["DEBUG_SESSION_PORT", "DOTNET_WATCH"];

    /// <summary>Adds a project. In run mode the program that was built together with the AppHost is started, and not <c>dotnet run</c>.
    /// That would cost seconds of two cores for each service, and the process that Aspire knows would be a wrapper.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="icon">Its icon, by Fluent UI's name.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder,
        string name, string icon)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name).WithIconName(icon);
        if (builder.ExecutionContext.IsPublishMode) return service;
#pragma warning disable ASPIRECERTIFICATES001 // Evaluation API: without it the dashboard warns of a certificate that nothing here uses.
        service.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
        return OthersStartIt.Any(key => builder.Configuration[key] is not null) || BuiltProgram(service.Resource) is not { } program
            ? service
            : service.WithAnnotation(
                new ExecutableAnnotation { Command = program,
                    WorkingDirectory = Path.GetDirectoryName(service.Resource.GetProjectMetadata().ProjectPath)! });
    }

    // All projects are built into one folder, the AppHost's own among them: bin/PROJECT/CONFIGURATION.
    private static string? BuiltProgram(ProjectResource service)
    {
        var name = Path.GetFileNameWithoutExtension(service.GetProjectMetadata().ProjectPath);
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, "..", "..", name, configuration, OperatingSystem.IsWindows() ? $"{name}.exe" : name));
        return File.Exists(program) ? program : null;
    }
}
