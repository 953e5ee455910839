using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes resources into a manifest; JSON schema <c>https://json.schemastore.org/aspire-8.0.json</c>.</summary>
public sealed partial class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    private readonly ManifestReferences _references = new();
    private readonly ManifestPorts _ports = new();

    /// <summary>Publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Where the manifest will lie; paths in it start at its folder.</summary>
    public string ManifestPath { get; } = manifestPath;

    /// <summary>The manifest, inside of the resource's object.</summary>
    public Utf8JsonWriter Writer { get; } = writer;

    /// <summary>Ends the publishing.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>A path as the manifest names it: relative to it, with slashes.</summary>
    public string? GetManifestRelativePath(string? path) =>
        path is null ? null : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!, path).Replace('\\', '/');

    /// <summary>Remembers what a value is made from, so that the manifest holds that too.</summary>
    public void TryAddDependentResources(object? value) => _references.Add(value);

    internal async Task WriteModelAsync(DistributedApplicationModel model)
    {
        Writer.WriteStartObject();
        Writer.WriteStartObject("resources");
        _references.Reserve(model.Resources);
        foreach (var resource in model.Resources) await WriteResourceAsync(resource).ConfigureAwait(false);
        foreach (var resource in _references.ResourcesOutside(model.Resources)) await WriteResourceAsync(resource).ConfigureAwait(false);
        foreach (var (name, parameter, format) in _references.TakeEncoded(null)) WriteEncoded(name, parameter, format);
        foreach (var conditional in _references.Conditionals)
        {
            Writer.WriteStartObject(conditional.Name!);
            Writer.WriteString("type", "value.v0");
            Writer.WriteString("connectionString", await conditional.GetValueAsync(CancellationToken).ConfigureAwait(false) ?? "");
            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
        await Writer.FlushAsync(CancellationToken).ConfigureAwait(false);
    }

    private async Task WriteResourceAsync(IResource resource)
    {
        var callback = resource.Annotations.OfType<ManifestPublishingCallbackAnnotation>().LastOrDefault();
        if (callback is { Callback: null }) return;

        Writer.WriteStartObject(resource.Name);
        await (callback?.Callback?.Invoke(this) ?? WriteByKindAsync(resource)).ConfigureAwait(false);
        Writer.WriteEndObject();
        if (resource is not ParameterResource owner) return;

        foreach (var (name, parameter, format) in _references.TakeEncoded(owner)) WriteEncoded(name, parameter, format);
    }

    private Task WriteByKindAsync(IResource resource) => resource switch
    {
        ContainerResource container => WriteContainerAsync(container),
        ProjectResource project => WriteProjectAsync(project),
        ExecutableResource executable => WriteExecutableAsync(executable),
        ParameterResource parameter => WriteParameterAsync(parameter),
        IResourceWithConnectionString => WriteValueAsync(resource),
        _ => throw new DistributedApplicationException($"The resource '{resource.Name}' cannot be written into a manifest."),
    };

    private void WriteEncoded(string name, ParameterResource parameter, string format)
    {
        Writer.WriteStartObject(name);
        Writer.WriteString("type", "annotated.string");
        Writer.WriteString("value", parameter.ValueExpression);
        Writer.WriteString("filter", format);
        Writer.WriteEndObject();
    }
}
