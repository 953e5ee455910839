using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Contracts;

namespace Crispy.Cameras.Lists;

/// <summary>Gathers the fields of one camera.</summary>
internal sealed class RowReader(Place start)
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly List<ListProblem> _problems = [];
    private IReadOnlyList<string>? _tags;

    public void Wrong(Place place, string? field, string message) => _problems.Add(new(place, field, message));

    /// <summary>Takes a field; an empty one is as good as none.</summary>
    public void Add(string field, string text, Place place)
    {
        if (text.Length == 0) return;
        if (field == "tags") Add(field, StreamLabels.Words(text), place);
        else if (!_places.TryAdd(field, place)) Wrong(place, field, "is given twice");
        else if (field is not ("url" or "host" or "password" or "key") && text.Contains("://", StringComparison.Ordinal))
            Wrong(place, field, "looks like an address, whose field is url"); // It would be shown, with its password.
        else _texts[field] = text;
    }

    /// <summary>Takes a field that is a list.</summary>
    public void Add(string field, IReadOnlyList<string> words, Place place)
    {
        if (!_places.TryAdd(field, place)) Wrong(place, field, "is given twice");
        else if (field != "tags") Wrong(place, field, "must be a single value");
        else _tags = words;
    }

    /// <summary>The camera.</summary>
    public CameraRow Finish()
    {
        if (_texts.ContainsKey("maker")) MakeAddress();
        else if (Fields.OfMakers.FirstOrDefault(_texts.ContainsKey) is { } field)
            Wrong(_places[field], field, "needs a maker, or belongs into the url");
        var definition = new JsonObject();
        foreach (var field in Fields.OfDefinition)
            if (_texts.TryGetValue(field, out var text)) definition[field] = text;
        if (_tags is { Count: > 0 }) definition["tags"] = new JsonArray([.. _tags.Select(tag => JsonValue.Create(tag))]);
        if (definition["id"] is null && CameraIds.Of((string?)definition["name"]) is { Length: > 0 } id) definition["id"] = id;
        return new() { Place = start, Definition = definition, Places = _places, Problems = _problems };
    }

    /// <summary>What can be said only of all of them.</summary>
    public static CameraList Finish(CameraList list)
    {
        var first = new Dictionary<string, Place>(StringComparer.Ordinal);
        var rows = list.Rows.Select(row => row.Id is not { } id || first.TryAdd(id, row.Place) ? row : new()
        {
            Place = row.Place, Definition = row.Definition, Places = row.Places,
            Problems = [.. row.Problems, row.At("id", FormattableString.Invariant($"is that of line {first[id].Line} too"))],
        });
        return list with { Rows = [.. rows] };
    }

    private void MakeAddress()
    {
        var place = _places["maker"];
        if (_places.TryGetValue("url", out var url))
        {
            Wrong(url, "url", "is given beside a maker, which makes it");
            return;
        }
        if (Maker.Find(_texts["maker"]) is not { } maker)
        {
            Wrong(place, "maker", $"is none of {string.Join(", ", Maker.Ids)}");
            return;
        }
        var channel = _texts.GetValueOrDefault("channel");
        var stream = _texts.GetValueOrDefault("stream")?.ToLowerInvariant() ?? "main";
        if (stream is not ("main" or "sub")) Wrong(_places["stream"], "stream", "must be main or sub");
        else if (channel is not null && !int.TryParse(channel, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            Wrong(_places["channel"], "channel", $"must be a whole number from 1 to {Maker.MaxChannel}");
        else
            try
            {
                _texts["url"] = maker.Address(
                    new(_texts.GetValueOrDefault("host"), _texts.GetValueOrDefault("user"), _texts.GetValueOrDefault("password"),
                    channel is null ? null : int.Parse(channel, CultureInfo.InvariantCulture), stream == "sub",
                    _texts.GetValueOrDefault("key")));
                _places["url"] = place;
            }
            catch (FormatException mistake)
            {
                var parts = mistake.Message.Split(": ", 2);
                Wrong(_places.GetValueOrDefault(parts[0], place), parts[0], parts[1]);
            }
    }
}
