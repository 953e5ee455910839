using System.Globalization;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Configuring;

/// <summary>Reads one section of the configuration key by key and collects its mistakes,
/// so that all of them are reported at once.</summary>
/// <param name="section">Its keys.</param>
/// <param name="onMistake">Gets a key and what is wrong with it; never a secret.</param>
internal sealed class SectionReader(IConfiguration section, Action<string, string> onMistake)
{
    public SectionReader(IConfiguration section, string path, List<string> mistakes)
        : this(section, (key, message) => mistakes.Add($"{path}:{key} {message}"))
    {
    }

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string key)
    {
        _known.Add(key);
        return section[key] is { } value && value.Length > 0 ? value : null;
    }

    /// <summary>A list: each of its items has a key of its own (<c>Tags:0</c>), or one text holds them, by comma.</summary>
    public IReadOnlyList<string> List(string key)
    {
        var items = section.GetSection(key).GetChildren().ToList();
        if (Text(key) is { } text)
        {
            if (items.Count > 0) Mistake(key, text, "is given as a text and as a list too");
            return text.Split(',', StringSplitOptions.TrimEntries);
        }
        if (items.Exists(item => item.GetChildren().Any())) Mistake(key, "a section", "must be a list of single values");
        return [.. items.Select(item => item.Value ?? "").Where(item => item.Length > 0)];
    }

    public T? Parsed<T>(string key, Func<string, T?> parse, string rule) where T : struct
    {
        var text = Text(key);
        if (text is null) return null;
        if (parse(text) is { } value) return value;
        Mistake(key, text, rule);
        return null;
    }

    public int? Number(string key, int least, int most) =>
        Parsed<int>(key, text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most ? value : null,
            $"must be a whole number from {least} to {most}");

    public long? Bytes(string key, long least) =>
        Parsed<long>(key,
            text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least ? value : null,
            $"must be a whole number of bytes, at least {least}");

    public bool? YesNo(string key) => Parsed<bool>(key, text => bool.TryParse(text, out var value) ? value : null, "must be true or false");

    public TEnum? Choice<TEnum>(string key) where TEnum : struct, Enum
    {
        var names = Enum.GetNames<TEnum>();
        return Parsed<TEnum>(key,
            text => names.Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<TEnum>(text, ignoreCase: true) : null,
            $"must be one of {string.Join(", ", names.Select(name => name.ToLowerInvariant()))}");
    }

    public TimeSpan? Span(string key, TimeSpan least, TimeSpan most) =>
        Parsed<TimeSpan>(key, text => ReadSpan(text) is { } value && value >= least && value <= most ? value : null,
            $"must be seconds or hh:mm:ss, from {least.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s to "
                + $"{most.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");

    public DateTimeOffset? Instant(string key) =>
        Parsed<DateTimeOffset>(key, text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value) ? value : null, "must be a time in ISO 8601");

    public void Mistake(string key, string? value, string rule) =>
        onMistake(key, $"{(value is null ? "is missing:" : $"is '{Redaction.Apply(value)}':")} {Redaction.Apply(rule)}");

    /// <summary>Whether a key is given and not empty.</summary>
    public bool Has(string key) => section[key] is { Length: > 0 };

    public void RefuseUnknownKeys()
    {
        foreach (var child in section.GetChildren().Where(child => !_known.Contains(child.Key)))
            onMistake(child.Key, $"is not a known key (known: {string.Join(", ", _known.Order(StringComparer.Ordinal))})");
    }

    // A bare number is seconds: TimeSpan itself would read "3" as three days.
    private static TimeSpan? ReadSpan(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return seconds <= 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }
}
