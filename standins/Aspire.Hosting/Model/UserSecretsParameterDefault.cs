using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Remembers a generated value in the user's secrets, so that a data volume keeps its password from run to run. Only when the AppHost
/// has a <c>UserSecretsId</c>; otherwise the value is new in each run, as with the package.
/// </summary>
internal sealed class UserSecretsParameterDefault(Assembly? appHost, string name, ParameterDefault inner) : ParameterDefault
{
    private static readonly Lock FileAccess = new();
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public override string GetDefaultValue()
    {
        var value = inner.GetDefaultValue();
        if (appHost?.GetCustomAttribute<UserSecretsIdAttribute>() is { } id) Remember(PathHelper.GetSecretsPathFromSecretsId(id.UserSecretsId), value);
        return value;
    }

    public override void WriteToManifest(ManifestPublishingContext context) => inner.WriteToManifest(context);

    private void Remember(string path, string value)
    {
        lock (FileAccess)
        {
            var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [] : [];
            secrets[$"Parameters:{name}"] = value;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var beside = $"{path}.{Environment.ProcessId}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = System.IO.FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(beside, options))
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(secrets, Indented));
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
    }
}
