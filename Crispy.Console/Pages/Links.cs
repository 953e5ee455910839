using System.Globalization;

namespace Crispy.Console.Pages;

/// <summary>Addresses of pages.</summary>
internal static class Links
{
    /// <summary>The page of a stream.</summary>
    /// <param name="stream">Its id.</param>
    /// <param name="at">A time to play from; null for the present.</param>
    public static string Stream(string stream, DateTimeOffset? at = null) =>
        at is { } time ? $"/streams/{stream}?at={Instant(time)}" : $"/streams/{stream}";

    /// <summary>An instant as a part of an address. The plus sign of an offset would be read as a space, so it is in UTC.</summary>
    public static string Instant(DateTimeOffset time) =>
        Uri.EscapeDataString(time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
}
