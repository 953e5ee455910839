namespace Crispy.Archive;

/// <summary>A small picture of a stream.</summary>
/// <param name="Jpeg">The picture, 320 pixels wide.</param>
/// <param name="ETag">Its entity tag, quotes included.</param>
/// <param name="Object">The object whose first keyframe it is.</param>
public sealed record Thumbnail(byte[] Jpeg, string ETag, string Object);
