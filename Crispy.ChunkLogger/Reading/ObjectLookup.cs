using Crispy.ChunkLogger.Events;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger.Reading;

/// <summary>Asks the bucket what it holds under the name that an event gave: one <c>objects.get</c>. The headers of a range's answer do not
/// tell it all. The checksum of the whole is not promised beside a part, and metadata beyond ASCII has no place in a header.</summary>
internal sealed class ObjectLookup(StorageClient storage)
{
    /// <exception cref="Google.GoogleApiException">The bucket's answer: 404 where there is no such generation.</exception>
    /// <exception cref="IOException">The answer is of another object, or lacks what every object has.</exception>
    public async Task<StoredObject> FindAsync(ObjectHint hint, CancellationToken cancellationToken)
    {
        var resource = await storage.GetObjectAsync(hint.Bucket, hint.Name, new() { Generation = hint.Generation }, cancellationToken)
            ;
        if ((resource.Bucket, resource.Name, resource.Generation) != (hint.Bucket, hint.Name, hint.Generation))
            throw new IOException(
                $"the bucket was asked about {hint.Identity} and answered about {resource.Bucket}/{resource.Name}#{resource.Generation}");
        if (resource.Size is not { } size || resource.Crc32c is not { Length: > 0 } crc32c)
            throw new IOException($"the bucket tells no size or no checksum of {hint.Identity}");
        return new(hint.Bucket, hint.Name, hint.Generation)
        {
            Size = (long)size,
            Crc32c = crc32c,
            MediaLink = resource.MediaLink,
            ContentEncoding = resource.ContentEncoding,
            Metadata = resource.Metadata ?? new Dictionary<string, string>(),
        };
    }
}
