using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crispy.Console.Notifying;

/// <summary>What is sent to a target: the notice as JSON, or a text of the target's own with placeholders such as <c>{text}</c>.
/// In JSON the values are escaped, so that none can end its string.</summary>
public sealed partial class BodyTemplate
{
    private const string Json = "application/json";
    private const string Plain = "text/plain; charset=utf-8";

    private static readonly JsonSerializerOptions Nested = new(JsonSerializerDefaults.Web) { WriteIndented = false };

    private static readonly Dictionary<string, Func<Notice, string>> Values = new(StringComparer.Ordinal)
    {
        ["id"] = notice => notice.Id,
        ["kind"] = notice => ApiEnum.Name(notice.Kind),
        ["state"] = notice => ApiEnum.Name(notice.State),
        ["level"] = notice => ApiEnum.Name(notice.Level),
        ["key"] = notice => notice.Key,
        ["text"] = notice => notice.Text,
        ["advice"] = notice => notice.Advice,
        ["at"] = notice => Time(notice.At),
        ["since"] = notice => Time(notice.Since),
        ["count"] = notice => notice.Count.ToString(CultureInfo.InvariantCulture),
        ["cameras"] = notice => string.Join(", ", notice.Cameras),
        // PagerDuty's words.
        ["action"] = notice => notice.State == NoticeState.End ? "resolve" : "trigger",
        ["severity"] = notice => notice.Level switch { Level.Bad => "critical", Level.Warning => "warning", _ => "info" },
    };

    // All that could break a template that is not what it seems.
    private static readonly Notice Sample = new()
    {
        Id = "msg_0", Key = "k", Text = "a \"quote\", a \\ and\na line", Advice = "{text}", Count = 2, Cameras = ["a", "b"],
    };

    private readonly string? _template;
    private readonly bool _isJson;

    private BodyTemplate(string? template, bool isJson, string contentType) =>
        (_template, _isJson, ContentType) = (template, isJson, contentType);

    /// <summary>The media type of what is sent.</summary>
    public string ContentType { get; }

    /// <summary>The names that stand in braces, for people.</summary>
    public static string Placeholders => string.Join(", ", Values.Keys.Select(name => $"{{{name}}}"));

    /// <summary>Reads it.</summary>
    /// <param name="template">The text; null for the notice itself as JSON.</param>
    /// <param name="contentType">The media type; null to tell by the text whether it is JSON.</param>
    /// <param name="mistake">What is wrong with the template; null where nothing is.</param>
    public static BodyTemplate? Parse(string? template, string? contentType, out string? mistake)
    {
        mistake = null;
        if (template is null) return new(null, true, contentType ?? Json);
        var names = Placeholder().Matches(template).Select(match => match.Groups[1].Value);
        var unknown = names.FirstOrDefault(name => !Values.ContainsKey(name));
        if (unknown is not null) mistake = $"names {{{unknown}}}, which is no placeholder (known: {Placeholders})";
        var isJson = contentType is null ? LooksLikeJson(template) : IsJson(contentType);
        var parsed = new BodyTemplate(template, isJson, contentType ?? (isJson ? Json : Plain));
        if (mistake is null && isJson && !CanBeRead(parsed.Render(Sample)))
            mistake = "is not JSON once its placeholders are filled in: they stand inside of strings, {count} also without quotes";
        return mistake is null ? parsed : null;
    }

    /// <summary>The body for a notice, in UTF-8.</summary>
    public byte[] Render(Notice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        if (_template is null) return JsonSerializer.SerializeToUtf8Bytes(Standard(notice), Nested);
        // In one pass: a value that looks like a placeholder stays what it is.
        return Encoding.UTF8.GetBytes(Placeholder().Replace(_template, match =>
        {
            var value = Values[match.Groups[1].Value](notice);
            return _isJson ? JsonEncodedText.Encode(value).ToString() : value;
        }));
    }

    /// <summary>Long words of the template, among which secrets may be, such as a routing key.</summary>
    public IEnumerable<string> Words => LongWord().Matches(_template ?? "").Select(word => word.Value);

    // The shape that the specification recommends.
    private static object Standard(Notice notice) => new
    {
        type = $"{ApiEnum.Name(notice.Kind)}.{ApiEnum.Name(notice.State)}",
        timestamp = notice.At,
        data = notice,
    };

    private static bool LooksLikeJson(string template) => JsonStart().IsMatch(template)
        || (template.TrimStart() is ['{' or '[', ..] && Parse(template, Json, out _) is not null);

    private static bool IsJson(string contentType) =>
        System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType is { } media
        && (media.Equals(Json, StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static bool CanBeRead(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{([A-Za-z_]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A\s*\{\s*""")]
    private static partial Regex JsonStart();

    [GeneratedRegex("[A-Za-z0-9_-]{16,}")]
    private static partial Regex LongWord();
}
