namespace Crispy.Contracts;

/// <summary>The containers a chunk may have: the file extension, the manifest's <c>container</c> and the object's content type.</summary>
public static class ChunkContainer
{
    /// <summary>Matroska (RFC 9559), <c>mkv</c>.</summary>
    public const string Matroska = "mkv";

    /// <summary>Fragmented MP4 (ISO/IEC 14496-12), <c>mp4</c>.</summary>
    public const string Mp4 = "mp4";

    /// <summary>MPEG-2 transport stream (ISO/IEC 13818-1), <c>ts</c>.</summary>
    public const string TransportStream = "ts";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Matroska, Mp4, TransportStream];

    /// <summary>The container that a file's extension names; null where it names none.</summary>
    public static string? Of(string path) => Path.GetExtension(path) is [_, .. var extension] && IsValid(extension) ? extension : null;

    /// <summary>Whether a text names one of the containers.</summary>
    public static bool IsValid(string? container) => container is Matroska or Mp4 or TransportStream;

    /// <summary>The media type under which the object is stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The container is none of the three.</exception>
    public static string ContentType(string container) => container switch
    {
        Matroska => "video/x-matroska",
        Mp4 => "video/mp4",
        TransportStream => "video/mp2t",
        _ => throw new ArgumentOutOfRangeException(nameof(container), container, "not a container of chunks"),
    };
}
