using Crispy.Archive.Listing;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Retaining;

/// <summary>What an object's custom metadata says of its hold, which itself is the object's <c>temporaryHold</c>.</summary>
internal static class HoldMetadata
{
    /// <summary>What was noted.</summary>
    public const string Note = "crispy-hold";

    /// <summary>Most characters of a note.</summary>
    public const int LongestNote = 200;

    /// <summary>The note of a held object; null without one.</summary>
    public static string? NoteOf(GcsObject found) => found.Told(Note) is { Length: > 0 } note ? note : null;

    /// <summary>A change that sets or ends the hold.</summary>
    public static GcsObject Change(string name, bool held, string? note)
    {
        var change = new GcsObject { Name = name, TemporaryHold = held };
        // Null takes the key away.
        if (!held || note is not null) change.Metadata = new Dictionary<string, string?> { [Note] = held ? note : null }!;
        return change;
    }
}
