using System.Text.Json.Nodes;

namespace Crispy.CloudEmulator.Http;

/// <summary>
/// The <c>fields</c> of a request, a partial response of Google's APIs: <c>name,size</c>,
/// <c>items(name,metadata/site),nextPageToken</c>, <c>*</c>.
/// </summary>
internal sealed class FieldMask
{
    private readonly Dictionary<string, FieldMask> _fields = new(StringComparer.Ordinal);

    private FieldMask()
    {
    }

    /// <summary>Null where everything is asked for.</summary>
    /// <exception cref="StorageException">400: not of the grammar.</exception>
    public static FieldMask? Of(HttpRequest request)
    {
        var text = request.Query["fields"].ToString();
        if (text.Length == 0) return null;
        var at = 0;
        var mask = ParseList(text, ref at);
        return at == text.Length ? mask : throw Invalid(text);
    }

    /// <summary>Keeps what is asked for. An object without any of it becomes an empty object.</summary>
    public JsonNode? Apply(JsonNode? node) => node switch
    {
        _ when _fields.Count == 0 => node?.DeepClone(),
        JsonArray array => new JsonArray([.. array.Select(Apply)]),
        JsonObject whole => new JsonObject(whole.Where(property => Find(property.Key) is not null)
            .Select(property => KeyValuePair.Create(property.Key, Find(property.Key)!.Apply(property.Value)))),
        _ => node?.DeepClone(),
    };

    private FieldMask? Find(string name) => _fields.GetValueOrDefault(name) ?? _fields.GetValueOrDefault("*");

    private static FieldMask ParseList(string text, ref int at)
    {
        var mask = new FieldMask();
        while (true)
        {
            ParsePath(text, ref at, mask);
            if (at == text.Length || text[at] != ',') return mask;
            at++;
        }
    }

    private static void ParsePath(string text, ref int at, FieldMask mask)
    {
        var length = text.AsSpan(at).IndexOfAny("/,()");
        var name = (length < 0 ? text[at..] : text.Substring(at, length)).Trim();
        if (name.Length == 0) throw Invalid(text);
        at = length < 0 ? text.Length : at + length;
        if (!mask._fields.TryGetValue(name, out var inner)) mask._fields[name] = inner = new();
        if (at == text.Length) return;
        if (text[at] == '/')
        {
            at++;
            ParsePath(text, ref at, inner);
        }
        else if (text[at] == '(')
        {
            at++;
            foreach (var (field, sub) in ParseList(text, ref at)._fields) inner._fields[field] = sub;
            if (at == text.Length || text[at] != ')') throw Invalid(text);
            at++;
        }
    }

    private static StorageException Invalid(string text) =>
        new(400, "invalidParameter", "InvalidArgument", $"Invalid field selection {text}");
}
