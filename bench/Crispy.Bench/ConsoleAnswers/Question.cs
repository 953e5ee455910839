using System.Globalization;

namespace Crispy.Bench.ConsoleAnswers;

/// <summary>What a page of the console asks, and how long it waited.</summary>
/// <param name="What">The question in words.</param>
/// <param name="Path">Path and query of the request.</param>
internal sealed record Question(string What, string Path)
{
    /// <summary>The stream that is asked about.</summary>
    public const string Stream = "bench";

    /// <summary>Milliseconds of the first time, of each console.</summary>
    public List<double> First { get; } = [];

    /// <summary>Milliseconds of the same once more.</summary>
    public List<double> Again { get; } = [];

    /// <summary>The questions about a day, in the order in which they are asked.</summary>
    public static IReadOnlyList<Question> About(DateTimeOffset from, DateTimeOffset to)
    {
        var noon = from + ((to - from) / 2);
        return
        [
            new("timeline, all of it", $"/api/streams/{Stream}/timeline?{Range(from, to)}"),
            new("timeline, one hour", $"/api/streams/{Stream}/timeline?{Range(noon, noon.AddHours(1))}"),
            new("timeline, one minute", $"/api/streams/{Stream}/timeline?{Range(noon, noon.AddMinutes(1))}"),
            new("the chunk at a moment", $"/api/chunks?stream={Stream}&limit=1&{Range(noon, noon.AddSeconds(1))}"),
            new("playlist, ten minutes", $"/api/streams/{Stream}/playlist.m3u8?{Range(noon, noon.AddMinutes(10))}"),
            new("picture of a moment", $"/api/streams/{Stream}/thumbnail?at={Uri.EscapeDataString(Time(noon))}"),
            new("plots, all of it", $"/api/streams/{Stream}/trend?{Range(from, to)}"),
            new("plots, one hour", $"/api/streams/{Stream}/trend?{Range(noon, noon.AddHours(1))}"),
            new("ledger, all of it", $"/api/ledger?{Range(from, to)}"),
        ];
    }

    /// <summary>A range of time as a query.</summary>
    public static string Range(DateTimeOffset begin, DateTimeOffset end) =>
        $"from={Uri.EscapeDataString(Time(begin))}&to={Uri.EscapeDataString(Time(end))}";

    /// <summary>A time as queries hold it.</summary>
    public static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
