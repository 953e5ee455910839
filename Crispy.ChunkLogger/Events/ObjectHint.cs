using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crispy.ChunkLogger.Events;

/// <summary>Which object an event names, and nothing else of what it says. Who can send events can make this up: what is logged about the
/// object comes from the bucket.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Generation">The generation that was finalized.</param>
internal sealed partial record ObjectHint(string Bucket, string Name, long Generation)
{
    // https://cloud.google.com/storage/docs/objects#naming
    private const int LongestName = 1024;

    /// <summary>One generation of one object: what an entry is written once for.</summary>
    public string Identity => Identify(Bucket, Name, Generation);

    /// <summary>The identity of a generation.</summary>
    public static string Identify(string bucket, string name, long generation) =>
        string.Create(CultureInfo.InvariantCulture, $"{bucket}/{name}#{generation}");

    /// <summary>Takes what can be the name of an object's generation.</summary>
    /// <exception cref="FormatException">Cloud Storage has no such names; it says which part is wrong. A value is not repeated.</exception>
    public static ObjectHint Of(string? bucket, string? name, string? generation)
    {
        if (bucket is null || !BucketName().IsMatch(bucket)) throw new FormatException("it names no bucket");
        if (name is null || !IsObjectName(name)) throw new FormatException("it names no object");
        return long.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new(bucket, name, number)
            : throw new FormatException("it names no generation of the object");
    }

    /// <summary>Takes them from an object's resource in the JSON API's form, in which 64-bit numbers are strings.</summary>
    /// <exception cref="FormatException">As <see cref="Of"/>.</exception>
    public static ObjectHint Read(JsonElement resource) => resource.ValueKind == JsonValueKind.Object
        ? Of(Text(resource, "bucket"), Text(resource, "name"), Text(resource, "generation"))
        : throw new FormatException("its data is not an object's resource");

    // "." and ".." would be taken out of a request's path.
    private static bool IsObjectName(string name) =>
        name is not ("" or "." or "..") && name.Length <= LongestName && Encoding.UTF8.GetByteCount(name) <= LongestName
        && !name.Any(char.IsControl);

    private static string? Text(JsonElement resource, string name) => resource.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    } : null;

    // https://cloud.google.com/storage/docs/buckets#naming
    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();
}
