using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cameras;
using Crispy.Contracts;

namespace Crispy.Console.StreamHandles;

/// <summary>A camera's definition while a person edits it: text as it was typed, and what stream-handle said about each field.</summary>
public sealed class CameraForm
{
    private static readonly string[] Folded = ["window", "rtspTransport", "audio", "container", "onFull", "retentionDays"];
    private static readonly string[] OfMaker = ["host", "user", "channel", "stream", "key"];
    private static readonly string[] Shown = ["url", "name", "id", "group", "tags", .. OfMaker, .. Folded];

    private Dictionary<string, string[]> _errors = [];

    /// <summary>The address.</summary>
    public string? Url { get; set; } = "";

    /// <summary>What makes the address, where a maker is chosen.</summary>
    public MakerForm Maker { get; } = new();

    /// <summary>What people call it.</summary>
    public string? Name { get; set; } = "";

    /// <summary>The id; empty makes one of the name.</summary>
    public string? Id { get; set; } = "";

    /// <summary>The group; empty for none.</summary>
    public string? Group { get; set; } = "";

    /// <summary>The tags, by space or comma.</summary>
    public string? Tags { get; set; } = "";

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
    public string EffectiveId => string.IsNullOrWhiteSpace(Id)
        ? CameraIds.Of(!string.IsNullOrWhiteSpace(Name) ? Name : Maker.Maker is null ? Host(Url) : Maker.Host)
        : Id.Trim();

    /// <summary>The transport where the address has one to choose and it is not the usual one; else null.</summary>
    public string? Transport =>
        Url?.Trim().StartsWith("rtsp", StringComparison.OrdinalIgnoreCase) == true ? Other(RtspTransport, "tcp") : null;

    /// <summary>Whether something is wrong with a field that is folded away at first.</summary>
    public bool IsDeepWrong => Folded.Any(_errors.ContainsKey);

    /// <summary>What is wrong with a field; null where nothing is.</summary>
    public string? ErrorOf(string field) => _errors.TryGetValue(field, out var messages) ? string.Join(" ", messages) : null;

    /// <summary>What was said that belongs to none of the fields on the page.</summary>
    public IEnumerable<string> OtherErrors => _errors.Where(pair => !Shown.Contains(pair.Key, StringComparer.OrdinalIgnoreCase))
        .Select(pair => $"{pair.Key}: {string.Join(" ", pair.Value)}");

    /// <summary>Makes the address by the maker's rule, where one is chosen.</summary>
    /// <returns>Whether there is an address; else the field that is wrong is marked.</returns>
    public bool TryMakeAddress()
    {
        if (Maker.Maker is null) return true;
        if (Maker.Address(out var field, out var mistake) is { } address) Url = address;
        else _errors = new(StringComparer.OrdinalIgnoreCase) { [field] = [mistake] };
        return _errors.Count == 0;
    }

    /// <summary>Takes in what stream-handle refused.</summary>
    public void Take(RefusedException? refusal) =>
        _errors = refusal is null ? [] : new Dictionary<string, string[]>(refusal.Errors, StringComparer.OrdinalIgnoreCase);

    /// <summary>Fills the form from a definition, its address without secrets.</summary>
    public static CameraForm Of(JsonNode definition) => new()
    {
        Url = (string?)definition["url"],
        Name = (string?)definition["name"],
        Id = (string?)definition["id"],
        Group = (string?)definition["group"],
        Tags = string.Join(' ', (definition["tags"] as JsonArray ?? []).Select(tag => (string?)tag)),
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
        foreach (var (key, value) in ToPatch().Where(pair => pair.Value is not null && pair.Key != "url"))
            definition[key] = value!.DeepClone();
        // A demo's pictures are drawn, and so are no video yet that could be copied.
        if (Url?.Trim().StartsWith("demo:", StringComparison.OrdinalIgnoreCase) == true) definition["mode"] = "transcode";
        return definition;
    }

    /// <summary>All fields of the page as a merge patch (RFC 7396): what is empty goes back to its default.</summary>
    public JsonObject ToPatch() => new()
    {
        ["url"] = Url?.Trim(),
        ["name"] = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim(),
        ["group"] = string.IsNullOrWhiteSpace(Group) ? null : Group.Trim(),
        ["tags"] = StreamLabels.Words(Tags) is { Count: > 0 } tags ? new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]) : null,
        ["window"] = string.IsNullOrWhiteSpace(Window) ? null
            : double.TryParse(Window, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : Window.Trim(),
        ["rtspTransport"] = Transport,
        ["audio"] = Other(Audio, "keep"),
        ["container"] = Other(Container, "mkv"),
        ["onFull"] = Other(OnFull, "dropOldest"),
        ["retentionDays"] = string.IsNullOrWhiteSpace(RetentionDays) ? null : RetentionDays.Trim(),
    };

    private static string? Other(string? value, string usual) => value == usual ? null : value;

    private static string Host(string? url) =>
        Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var address) ? address.Host is { Length: > 0 } host ? host : address.Scheme : "";
}
