using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Listing;

/// <summary>Looks into what an object's custom metadata tells.</summary>
internal static class ObjectMetadata
{
    /// <summary>A key's value; null where the object does not have it.</summary>
    public static string? Told(this GcsObject found, string key) => found.Metadata?.TryGetValue(key, out var value) == true ? value : null;

    /// <summary>Whether a hold keeps it from being deleted.</summary>
    public static bool IsHeld(this GcsObject found) => found.TemporaryHold == true || found.EventBasedHold == true;
}
