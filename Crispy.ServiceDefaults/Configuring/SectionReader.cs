using System.Globalization;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Reads one section of the configuration key by key. A value that cannot be used is told as a mistake, and reads as if it were
/// not there. An empty value counts as none.</summary>
/// <param name="section">Its keys.</param>
/// <param name="onMistake">Gets a key and what is wrong with it; never a secret.</param>
/// <param name="wording">How mistakes are worded; the usual way where null.</param>
public sealed class SectionReader(IConfiguration section, Action<string, string> onMistake, SettingsWording? wording = null)
{
    /// <summary>What is shown in a secret's place.</summary>
    public const string Mask = "***";

    private readonly SettingsWording _wording = wording ?? SettingsWording.Usual;
    private readonly List<string> _known = [];

    /// <summary>The names of all keys that are given.</summary>
    public IEnumerable<string> Names => section.GetChildren().Select(child => child.Key);

    /// <summary>Whether neither the section nor any key below it has a value.</summary>
    public bool IsEmpty => section.AsEnumerable().All(pair => string.IsNullOrEmpty(pair.Value));

    /// <summary>Takes keys for known that are read elsewhere.</summary>
    public void Know(params IEnumerable<string> keys) => _known.AddRange(keys.Except(_known, StringComparer.OrdinalIgnoreCase));

    /// <summary>The reader of a section below this one.</summary>
    public SectionReader Section(string key)
    {
        Know(key);
        return new(section.GetSection(key), (below, message) => onMistake($"{key}:{below}", message), _wording);
    }

    /// <summary>A text as it is.</summary>
    public string? Text(string key)
    {
        Know(key);
        return section[key] is { Length: > 0 } value ? value : null;
    }

    /// <summary>A text that must follow a rule.</summary>
    public string? Text(string key, Func<string, bool> isValid, string rule)
    {
        ArgumentNullException.ThrowIfNull(isValid);
        var text = Text(key);
        if (text is null || isValid(text)) return text;
        Mistake(key, text, rule);
        return null;
    }

    /// <summary>The full path of a file or folder, which need not be there.</summary>
    public string? FullPath(string key) => Text(key) is { } path ? Path.GetFullPath(path) : null;

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

    /// <summary>All words of a key and of those below it, each with the key that holds it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="separators">What stands between the words of one text.</param>
    public IEnumerable<(string Key, string Word)> Words(string key, params char[] separators)
    {
        Know(key);
        var list = section.GetSection(key);
        return list.AsEnumerable().SelectMany(pair => (pair.Value ?? "")
            .Split(separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => (key + pair.Key[list.Path.Length..], word)));
    }

    /// <summary>Anything that can be read from a text.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parse">Gives null where it is none.</param>
    /// <param name="rule">What it must be.</param>
    public T? Parsed<T>(string key, Func<string, T?> parse, string rule) where T : struct
    {
        ArgumentNullException.ThrowIfNull(parse);
        if (Text(key) is not { } text) return null;
        if (parse(text) is { } value) return value;
        Mistake(key, text, rule);
        return null;
    }

    /// <summary>A whole number, both bounds included.</summary>
    public int? Number(string key, int least, int most) => (int?)Number(key, (long)least, most);

    /// <summary>A whole number, both bounds included.</summary>
    public long? Number(string key, long least, long most) => Parsed<long>(key,
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most ? value : null,
        string.Create(CultureInfo.InvariantCulture,
            $"must be a whole number{(most == long.MaxValue ? $", at least {least}" : $" from {least} to {most}")}"));

    /// <summary>True or false.</summary>
    public bool? YesNo(string key) => Parsed<bool>(key, text => bool.TryParse(text, out var value) ? value : null, "must be true or false");

    /// <summary>A member of an enumeration by its name, in any case.</summary>
    public TEnum? Choice<TEnum>(string key) where TEnum : struct, Enum
    {
        var names = Enum.GetNames<TEnum>();
        return Parsed<TEnum>(key,
            text => names.Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<TEnum>(text, ignoreCase: true) : null,
            $"must be one of {string.Join(", ", names.Select(name => name.ToLowerInvariant()))}");
    }

    /// <summary>A time span, both bounds included: seconds (<c>0.5</c>) or <c>d.hh:mm:ss</c>.</summary>
    public TimeSpan? Span(string key, TimeSpan least, TimeSpan most) => Parsed<TimeSpan>(key,
        text => ReadSpan(text) is { } value && value >= least && value <= most ? value : null, string.Create(CultureInfo.InvariantCulture,
            $"must be seconds, hh:mm:ss or d.hh:mm:ss, from {least.TotalSeconds} s to {most.TotalSeconds} s"));

    /// <summary>A time in ISO 8601; UTC where it names no zone.</summary>
    public DateTimeOffset? Instant(string key) =>
        Parsed<DateTimeOffset>(key, text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value) ? value : null, "must be a time in ISO 8601");

    /// <summary>Where a service is: <c>http://</c> or <c>https://</c>; <c>http://</c> where it has no scheme.</summary>
    public Uri? Address(string key)
    {
        if (Text(key) is not { } text) return null;
        var address = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") return uri;
        Mistake(key, text, "must be an address such as http://127.0.0.1:4443/");
        return null;
    }

    /// <summary>Reads an address with its scheme, <c>http://</c> or <c>https://</c>, without user, query and fragment.</summary>
    /// <param name="key">The key that holds it.</param>
    /// <param name="text">The address; null is missing.</param>
    public Uri? Address(string key, string? text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address.UserInfo.Length + address.Query.Length + address.Fragment.Length == 0) return address;
        // What has an @ may hold a password.
        Mistake(key, text?.Contains('@', StringComparison.Ordinal) == true ? Mask : text,
            "must be an address, https://host or http://host, without user, query or fragment");
        return null;
    }

    /// <summary>A secret: itself, from the environment, or the content of the file that the key with <c>File</c> behind it names
    /// (<see cref="SecretFile"/>), without blanks around it.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="given">The key that holds it.</param>
    public string? Secret(string key, out string given)
    {
        var (text, file) = (Text(key), Text($"{key}File"));
        given = text is null && file is not null ? $"{key}File" : key;
        if (file is null) return text;
        try
        {
            if (text is not null) throw new FormatException($"is given together with {key}; give one of them");
            return SecretFile.Read(file).Trim() is { Length: > 0 } content ? content : throw new FormatException("is empty");
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            Mistake($"{key}File", file, unusable.Message);
            return null;
        }
    }

    /// <summary>A P-256 private key in PEM, as a <see cref="Secret"/>.</summary>
    public string? PrivateKey(string key)
    {
        if (Secret(key, out var given) is not { } pem) return null;
        try
        {
            SigningKey.ReadPrivate(pem).Dispose();
            return pem;
        }
        catch (FormatException unusable)
        {
            // The key's own text is never repeated.
            Mistake(given, given == key ? Mask : Text(given), unusable.Message);
            return null;
        }
    }

    /// <summary>Tells a mistake.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or <see cref="Mask"/>; null where it is missing.</param>
    /// <param name="rule">What it must be, or what is wrong with it.</param>
    public void Mistake(string key, string? value, string rule) =>
        onMistake(key, $"{(value is null ? "is missing:" : _wording.Value(_wording.Hide(value)))} {_wording.Hide(rule)}");

    /// <summary>Whether a key is given and not empty.</summary>
    public bool Has(string key) => section[key] is { Length: > 0 };

    /// <summary>Refuses every key that nobody asked for so far.</summary>
    public void RefuseUnknownKeys()
    {
        foreach (var name in Names.Except(_known, StringComparer.OrdinalIgnoreCase))
            onMistake(name, _wording.Unknown(string.Join(", ", _known)));
    }

    // A bare number is seconds: TimeSpan itself would read "3" as three days.
    private static TimeSpan? ReadSpan(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return seconds <= 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }
}
