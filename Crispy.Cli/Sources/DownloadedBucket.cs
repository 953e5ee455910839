using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Crispy.Cli.Sources;

/// <summary>A bucket's objects as files under their names, with <c>objects.json</c> beside them: the objects' resources, since a download
/// leaves their metadata behind. It may be an answer of the JSON API's <c>objects.list</c>, an array of resources, or what <c>gcloud
/// storage objects list --format=json</c> prints.</summary>
internal sealed class DownloadedBucket(string path, bool mayLackFiles = false) : Source
{
    /// <summary>The list's name.</summary>
    public const string ListName = "objects.json";

    private readonly string _root = Path.GetFullPath(path);

    public static bool IsOne(string path) => File.Exists(Path.Combine(path, ListName));

    public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var list = await ReadAsync(cancellation);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in Resources(list.RootElement))
        {
            if (Text(resource, "name") is not { } name) continue;
            listed.Add(name);
            // What was listed but is not here counts as deleted, unless only what was said of it must be here.
            var isHere = FileOf(name) is { } file && File.Exists(file);
            if (!isHere && !mayLackFiles) continue;
            if (Item.OfObject(FileOf(name) ?? name, name, Metadata(resource)) is not { } item) continue;
            var held = item with
            {
                IsHeld = IsSet(resource, "temporaryHold", "temporary_hold") || IsSet(resource, "eventBasedHold", "event_based_hold"),
            };
            yield return isHere ? held with { CopyToAsync = Copy(FileOf(name)!) } : held;
        }
        foreach (var file in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(_root, file).Replace(Path.DirectorySeparatorChar, '/');
            if (!listed.Contains(name) && Item.OfObject(file, name, null) is { } item) yield return item with { CopyToAsync = Copy(file) };
        }
    }

    // An object's name is anything; no name leads out of the folder.
    private string? FileOf(string name)
    {
        var file = Path.GetFullPath(Path.Combine(_root, name));
        return file.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? file : null;
    }

    private static Func<Stream, CancellationToken, Task> Copy(string file) =>
        (destination, cancellation) => Item.CopyFileAsync(file, destination, cancellation);

    private async Task<JsonDocument> ReadAsync(CancellationToken cancellation)
    {
        var file = Path.Combine(_root, ListName);
        try
        {
            await using var json = File.OpenRead(file);
            return await JsonDocument.ParseAsync(json, new() { MaxDepth = 32 }, cancellation);
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{file}: {unreadable.Message}", unreadable);
        }
    }

    private static List<JsonElement> Resources(JsonElement root)
    {
        var items = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("items", out var page) ? page : root;
        return items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];
    }

    private static Dictionary<string, string>? Metadata(JsonElement resource)
    {
        if (!(resource.TryGetProperty("metadata", out var pairs) || resource.TryGetProperty("custom_fields", out pairs))
            || pairs.ValueKind != JsonValueKind.Object)
            return null;
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs.EnumerateObject().Where(pair => pair.Value.ValueKind == JsonValueKind.String))
            metadata[pair.Name] = pair.Value.GetString()!;
        return metadata;
    }

    // As the JSON API names it, and as gcloud does.
    private static bool IsSet(JsonElement resource, params string[] names) =>
        names.Any(name => resource.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True);

    private static string? Text(JsonElement resource, string name) =>
        resource.ValueKind == JsonValueKind.Object && resource.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
