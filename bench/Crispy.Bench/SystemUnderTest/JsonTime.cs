using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Bench.SystemUnderTest;

/// <summary>Times in what the system's processes answer.</summary>
internal static class JsonTime
{
    /// <summary>A value as a time; UTC where it does not say.</summary>
    public static DateTimeOffset Time(this JsonNode? node) =>
        DateTimeOffset.Parse((string)node!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
