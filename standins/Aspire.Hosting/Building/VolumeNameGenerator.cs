using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Names volumes.</summary>
public static partial class VolumeNameGenerator
{
    /// <summary>A name that is unique to the AppHost, its folder and the resource.</summary>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var application = NotInVolumeName().Replace(builder.ApplicationBuilder.Environment.ApplicationName, "_");
        var folder = builder.ApplicationBuilder.Configuration["AppHost:Sha256"]![..10];
        return $"{application}-{folder}".ToLowerInvariant() + $"-{builder.Resource.Name}-{suffix}";
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]")]
    private static partial Regex NotInVolumeName();
}
