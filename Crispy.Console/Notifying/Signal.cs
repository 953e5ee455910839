namespace Crispy.Console.Notifying;

/// <summary>One thing that can be wrong, as it is at this moment.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Key">Its name; of a camera <c>camera/</c> and the stream's id.</param>
/// <param name="Bad">Whether it is wrong; null where that is not known now.</param>
/// <param name="Level">How bad it is, where it is wrong.</param>
/// <param name="Text">What is wrong, in a sentence without its full stop; where nothing is, what is so instead.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Since">Since when, UTC; null for now.</param>
/// <param name="Camera">The camera's name for people; null where it is about none.</param>
internal sealed record Signal(
    NoticeKind Kind, string Key, bool? Bad, Level Level, string Text, string Advice = "", DateTimeOffset? Since = null,
        string? Camera = null)
{
    /// <summary>What the key of a camera begins with.</summary>
    public const string CameraPrefix = "camera/";

    /// <summary>What the key of a stream-handle begins with.</summary>
    public const string StreamHandlePrefix = "streamHandle/";

    /// <summary>What the key of a certificate begins with that another process told of.</summary>
    public const string ServerCertificatePrefix = "serverCertificate/";

    /// <summary>Something that is not wrong.</summary>
    public static Signal Well(NoticeKind kind, string key, string text, string? camera = null) =>
        new(kind, key, false, Level.Good, text, Camera: camera);
}
