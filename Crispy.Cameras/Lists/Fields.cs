using System.Text.Json;
using Crispy.Contracts.Api;

namespace Crispy.Cameras.Lists;

/// <summary>The fields that a camera of a file can have: those of a definition,
/// and in place of the address what a maker's rule needs.</summary>
internal static class Fields
{
    /// <summary>Fields that make an address.</summary>
    public static readonly IReadOnlyList<string> OfMakers = ["maker", "host", "user", "password", "channel", "stream", "key"];

    /// <summary>Fields of a definition, as the API writes them.</summary>
    public static readonly IReadOnlyList<string> OfDefinition =
        [.. typeof(StreamDefinition).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];

    private static readonly Dictionary<string, string> Known = OfDefinition.Concat(OfMakers).ToDictionary(Plain, StringComparer.Ordinal);

    /// <summary>The field of a heading, however it is written: <c>RTSP transport</c>, <c>rtsp_transport</c>;
    /// null where it is none.</summary>
    public static string? Of(string heading) => Plain(heading) switch
    {
        "address" => "url",
        "username" => "user",
        var plain => Known.GetValueOrDefault(plain),
    };

    /// <summary>What to say of a heading that is no field. It is repeated only where it looks like a word:
    /// without headings an address stands there.</summary>
    public static string Unknown(string heading)
    {
        var word = heading.Trim();
        var isWord = word.Length is > 0 and <= 30 && word.All(sign => char.IsAsciiLetter(sign) || sign is ' ' or '_' or '-');
        var name = isWord ? $"'{word}'" : "it";
        return $"{name} is not a known field (known: {string.Join(", ", OfDefinition.Concat(OfMakers))})";
    }

    private static string Plain(string heading) => string.Concat(heading.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
