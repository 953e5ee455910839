using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Crispy.Console.Recorders;

/// <summary>A camera's definition while a person edits it: text as it was typed, and what stream-handle said about each field.</summary>
public sealed class CameraForm
{
    // The process knows no cultures, so it cannot take letters apart by itself.
    private const string Accented = "äàáâãåæçèéêëìíîïñöòóôõøùúûüýÿšžčřěůłąęśźżńćőűß";
    private static readonly string[] Plain = "ae a a a a a ae c e e e e i i i i n oe o o o o o u u u ue y y s z c r e u l a e s z z n c o u ss".Split(' ');
    private static readonly string[] Folded = ["window", "rtspTransport", "audio", "container", "onFull", "retentionDays"];
    private static readonly string[] Shown = ["url", "name", "id", .. Folded];

    private Dictionary<string, string[]> _errors = [];

    /// <summary>The address.</summary>
    public string? Url { get; set; } = "";

    /// <summary>What people call it.</summary>
    public string? Name { get; set; } = "";

    /// <summary>The id; empty makes one of the name.</summary>
    public string? Id { get; set; } = "";

    /// <summary>Length of a chunk, in seconds; empty for the default.</summary>
    public string? Window { get; set; } = "";

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    public string? RtspTransport { get; set; } = "tcp";

    /// <summary><c>keep</c>, <c>drop</c> or <c>aac</c>.</summary>
    public string? Audio { get; set; } = "keep";

    /// <summary><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</summary>
    public string? Container { get; set; } = "mkv";

    /// <summary><c>dropOldest</c>, <c>dropNewest</c> or <c>stop</c>.</summary>
    public string? OnFull { get; set; } = "dropOldest";

    /// <summary>Days for which its video is kept, or <c>forever</c>; empty for the default.</summary>
    public string? RetentionDays { get; set; } = "";

    /// <summary>The id that it will have.</summary>
    public string EffectiveId => string.IsNullOrWhiteSpace(Id) ? MakeId(string.IsNullOrWhiteSpace(Name) ? Host(Url) : Name) : Id.Trim();

    /// <summary>The transport where the address has one to choose and it is not the usual one; else null.</summary>
    public string? Transport => Url?.Trim().StartsWith("rtsp", StringComparison.OrdinalIgnoreCase) == true ? Other(RtspTransport, "tcp") : null;

    /// <summary>Whether something is wrong with a field that is folded away at first.</summary>
    public bool IsDeepWrong => Folded.Any(_errors.ContainsKey);

    /// <summary>What is wrong with a field; null where nothing is.</summary>
    public string? ErrorOf(string field) => _errors.TryGetValue(field, out var messages) ? string.Join(" ", messages) : null;

    /// <summary>What was said that belongs to none of the fields on the page.</summary>
    public IEnumerable<string> OtherErrors => _errors.Where(pair => !Shown.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)).Select(pair => $"{pair.Key}: {string.Join(" ", pair.Value)}");

    /// <summary>Takes in what stream-handle refused.</summary>
    public void Take(RecorderException? refusal) =>
        _errors = refusal is null ? [] : new Dictionary<string, string[]>(refusal.Errors, StringComparer.OrdinalIgnoreCase);

    /// <summary>Fills the form from a definition, its address without secrets.</summary>
    public static CameraForm Of(JsonNode definition) => new()
    {
        Url = (string?)definition["url"],
        Name = (string?)definition["name"],
        Id = (string?)definition["id"],
        Window = (double?)definition["window"] is { } seconds ? seconds.ToString(CultureInfo.InvariantCulture) : "",
        RtspTransport = (string?)definition["rtspTransport"] ?? "tcp",
        Audio = (string?)definition["audio"] ?? "keep",
        Container = (string?)definition["container"] ?? "mkv",
        OnFull = (string?)definition["onFull"] ?? "dropOldest",
        RetentionDays = (string?)definition["retentionDays"],
    };

    /// <summary>The definition of a new stream: what differs from the defaults.</summary>
    public JsonObject ToDefinition()
    {
        var definition = new JsonObject { ["id"] = EffectiveId, ["url"] = Url?.Trim() };
        foreach (var (key, value) in ToPatch().Where(pair => pair.Value is not null && pair.Key != "url")) definition[key] = value!.DeepClone();
        // A demo's pictures are drawn, and so are no video yet that could be copied.
        if (Url?.Trim().StartsWith("demo:", StringComparison.OrdinalIgnoreCase) == true) definition["mode"] = "transcode";
        return definition;
    }

    /// <summary>All fields of the page as a merge patch (RFC 7396): what is empty goes back to its default.</summary>
    public JsonObject ToPatch() => new()
    {
        ["url"] = Url?.Trim(),
        ["name"] = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim(),
        ["window"] = string.IsNullOrWhiteSpace(Window) ? null
            : double.TryParse(Window, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : Window.Trim(),
        ["rtspTransport"] = Transport,
        ["audio"] = Other(Audio, "keep"),
        ["container"] = Other(Container, "mkv"),
        ["onFull"] = Other(OnFull, "dropOldest"),
        ["retentionDays"] = string.IsNullOrWhiteSpace(RetentionDays) ? null : RetentionDays.Trim(),
    };

    /// <summary>Makes an id of a name: <c>Gate 1 (north)</c> becomes <c>gate-1-north</c>.</summary>
    public static string MakeId(string? name)
    {
        var id = new StringBuilder();
        foreach (var sign in (name ?? "").ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(sign)) id.Append(sign);
            else if (Accented.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var place) id.Append(Plain[place]);
            else if (id.Length > 0 && id[^1] != '-') id.Append('-');
        }
        var text = id.ToString().Trim('-');
        return text.Length > 63 ? text[..63].Trim('-') : text;
    }

    private static string? Other(string? value, string usual) => value == usual ? null : value;

    private static string Host(string? url) => Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var address) ? address.Host is { Length: > 0 } host ? host : address.Scheme : "";
}
