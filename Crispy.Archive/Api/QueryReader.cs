using System.Globalization;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;

namespace Crispy.Archive.Api;

/// <summary>Reads a request's query, and collects what is wrong with it, field by field.</summary>
internal sealed class QueryReader(HttpRequest request)
{
    private readonly Dictionary<string, string[]> _mistakes = new(StringComparer.Ordinal);

    /// <summary>The answer to a wrong query; null where it is right.</summary>
    public IResult? Problem => _mistakes.Count == 0 ? null : Results.ValidationProblem(_mistakes);

    public string? Text(string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    public string? Stream()
    {
        if (Text("stream") is not { } stream) return null;
        if (!StreamId.IsValid(stream))
            Mistake("stream", $"'{stream}' is not a stream id: 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single inner hyphens");
        return stream;
    }

    /// <summary>A time in ISO 8601; without an offset it is UTC.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant))
            return instant;
        Mistake(name, $"'{text}' is not a time in ISO 8601, such as 2026-11-22T14:03:00Z");
        return null;
    }

    public int Number(string name, int otherwise, int least, int most)
    {
        if (Text(name) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Mistake(name, $"'{text}' is not a whole number from {least} to {most}");
        return otherwise;
    }

    public ArchiveState? State(string name)
    {
        if (Text(name) is not { } text) return null;
        var states = Enum.GetValues<ArchiveState>();
        foreach (var state in states)
        {
            if (string.Equals(state.ToString(), text, StringComparison.OrdinalIgnoreCase)) return state;
        }
        Mistake(name, $"'{text}' is not one of {string.Join(", ", states.Select(state => state.ToString().ToLowerInvariant()))}");
        return null;
    }

    /// <summary>A range; by default the time before <c>to</c>, which is now.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Range(DateTimeOffset now, TimeSpan usual)
    {
        var (from, to) = (Instant("from"), Instant("to"));
        if (from is null && to is null) return (now - usual, now);
        if (from is { } begin && to is null) return (begin, now > begin ? now : begin);
        return (from ?? Earlier(to!.Value, usual), to!.Value);
    }

    /// <summary>One of some words; the first where none is given.</summary>
    public string Choice(string name, params string[] among)
    {
        if (Text(name) is not { } text || among.Contains(text, StringComparer.Ordinal)) return Text(name) ?? among[0];
        Mistake(name, $"'{text}' is not one of {string.Join(", ", among)}");
        return among[0];
    }

    public bool Flag(string name, bool otherwise)
    {
        if (Text(name) is not { } text) return otherwise;
        if (text is "true" or "false") return text == "true";
        Mistake(name, $"'{text}' is not true or false");
        return otherwise;
    }

    public void Mistake(string name, string message) => _mistakes[name] = [message];

    private static DateTimeOffset Earlier(DateTimeOffset instant, TimeSpan by) =>
        instant - DateTimeOffset.MinValue > by ? instant - by : DateTimeOffset.MinValue;
}
