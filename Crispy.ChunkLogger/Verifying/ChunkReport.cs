using Crispy.ChunkLogger.Reading;
using Crispy.Contracts;
using Crispy.Media;

namespace Crispy.ChunkLogger.Verifying;

/// <summary>All that is known of a stored chunk, and whether it can be believed.</summary>
/// <param name="Object">The object.</param>
/// <param name="Manifest">Its manifest; null where there is none that can be read.</param>
/// <param name="Signature">Whether a known key signed the manifest and the object is the one that the manifest describes.</param>
/// <param name="Video">The picture by the object's own header.</param>
/// <param name="Problems">What does not fit, for people; empty where everything does.</param>
internal sealed record ChunkReport(StoredObject Object, ChunkManifest? Manifest, SignatureState Signature, VideoFormat? Video,
    IReadOnlyList<string> Problems)
{
    /// <summary>The chunk's id: by the manifest, or as the metadata says, or null.</summary>
    public string? Chunk => Manifest?.Chunk ?? Metadata(ChunkMetadata.Chunk);

    /// <summary>The trace that the upload joined, else the one of the capture.</summary>
    public string? Traceparent => Metadata(ChunkMetadata.Traceparent) ?? Manifest?.Traceparent;

    /// <summary><c>verified</c>, <c>invalid</c>, <c>missing</c> or <c>unknownKey</c>.</summary>
    public string SignatureText => SignatureStateText.Of(Signature);

    /// <summary>Whether the chunk follows the one before it in its stream's hash chain.</summary>
    public ChainState Chain { get; init; }

    /// <summary>Whether the picture is another one than the manifest says.</summary>
    public bool PictureDiffers => (Video, Manifest) is ({ } video, { } told)
        && (video.Height, video.Width, video.Channels) != (told.Height, told.Width, told.Channels);

    /// <summary>Cloud Logging's severity. A forged chunk, a broken chain, and a picture other than the manifest's are errors. A chunk that
    /// is unsigned or cannot be judged is a warning.</summary>
    public string Severity =>
        Signature is SignatureState.Invalid or SignatureState.UnknownKey || Chain == ChainState.Broken || PictureDiffers ? "ERROR"
        : Signature == SignatureState.Missing || Problems.Count > 0 ? "WARNING"
        : "INFO";

    /// <summary>Whether an object is a chunk: because its name is one of a chunk, or by its metadata.</summary>
    public static bool IsChunk(StoredObject stored) =>
        ObjectName.TryParse(stored.Name, out _) || stored.Metadata.ContainsKey(ChunkMetadata.Manifest)
        || stored.Metadata.ContainsKey(ChunkMetadata.Chunk);

    /// <summary>Verifies a chunk.</summary>
    public static ChunkReport Make(StoredObject stored, ObjectHead head, ManifestVerifier verifier, ManifestChain chain)
    {
        var problems = new List<string>();
        var bytes = ChunkMetadata.ManifestBytes(stored.Metadata);
        var signature = stored.Metadata.TryGetValue(ChunkMetadata.Signature, out var text) ? text : null;
        var manifest = ReadManifest(bytes, problems);
        var state = bytes is null
            ? (signature is null ? SignatureState.Missing : SignatureState.Invalid)
            : verifier.Check(bytes, signature);
        if (state == SignatureState.Invalid) problems.Add("the signature was not made over this manifest");
        if (state == SignatureState.UnknownKey) problems.Add("the signature was made by a key that is not known here");
        if (manifest is not null)
        {
            var disagreements = Disagreements(stored, manifest, bytes, signature).ToList();
            problems.AddRange(disagreements);
            if (disagreements.Count > 0 && state == SignatureState.Verified) state = SignatureState.Invalid;
        }
        else if (state == SignatureState.Verified)
        {
            state = SignatureState.Invalid; // Nothing says what was signed.
        }
        if (Picture(head, manifest) is { } mismatch) problems.Add(mismatch);
        // Only what is verified may speak of the chain: a forged manifest must not make true ones look broken.
        var place = state == SignatureState.Verified ? chain.Place(manifest!, bytes!) : ChainState.Unknown;
        if (place == ChainState.Broken)
            problems.Add($"the chain is broken: chunk {manifest!.Sequence} does not hold the hash of the one before it, "
                + "or the next one not its own");
        return new(stored, manifest, state, head.Media?.Video, problems) { Chain = place };
    }

    private string? Metadata(string key) => Object.Metadata.TryGetValue(key, out var value) ? value : null;

    private static ChunkManifest? ReadManifest(byte[]? bytes, List<string> problems)
    {
        if (bytes is null)
        {
            problems.Add("there is no manifest");
            return null;
        }
        try
        {
            return ManifestJson.Read(bytes);
        }
        catch (FormatException unreadable)
        {
            problems.Add($"the manifest cannot be read: {unreadable.Message}");
            return null;
        }
    }

    /// <summary>Where the object is not the one of the manifest: such a signature belongs to another object.</summary>
    private static IEnumerable<string> Disagreements(StoredObject stored, ChunkManifest manifest, byte[]? bytes, string? signature)
    {
        if (stored.Name != manifest.Object) yield return $"the manifest is of the object '{manifest.Object}'";
        if (stored.Size != manifest.Size) yield return $"the object has {stored.Size} bytes, its manifest says {manifest.Size}";
        if (stored.Crc32c != manifest.Crc32c) yield return $"the object's CRC32C is {stored.Crc32c}, its manifest says {manifest.Crc32c}";
        foreach (var (key, value) in ChunkMetadata.For(manifest, bytes, signature ?? "", null))
        {
            if (key != ChunkMetadata.Signature && stored.Metadata.TryGetValue(key, out var told) && told != value)
                yield return $"the metadata {key} is '{told}', by the manifest it is '{value}'";
        }
    }

    private static string? Picture(ObjectHead head, ChunkManifest? manifest) => (head.Media?.Video, manifest) switch
    {
        (null, _) => $"the first {head.BytesRead} bytes do not tell the picture's size",
        ({ } video, { } told) when (video.Height, video.Width, video.Channels) != (told.Height, told.Width, told.Channels) =>
            $"the picture is {video.Height}x{video.Width}x{video.Channels}, its manifest says {told.Height}x{told.Width}x{told.Channels}",
        _ => null,
    };
}
