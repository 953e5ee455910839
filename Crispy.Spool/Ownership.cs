using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>Tells what one stream's stream-handle numbered and signed from what others put into its folders.</summary>
/// <param name="stream">The stream.</param>
/// <param name="verifier">Knows the keys that sign for it, earlier ones too.</param>
internal sealed class Ownership(string stream, ManifestVerifier verifier)
{
    /// <summary>What speaks against a manifest's file.</summary>
    /// <param name="path">The file; its name says which chunk it is of.</param>
    /// <param name="nextSequence">The first number that was not given yet.</param>
    /// <param name="unreadable">Whether a file that cannot be read as a manifest is spoken against. Its signature then proves nothing,
    /// but a damaged file of a number that was given is not a foreign one either.</param>
    /// <returns>Null where it is ours, or gone.</returns>
    public string? Objection(string path, long nextSequence, bool unreadable)
    {
        if (!ChunkFiles.TryParseManifestName(path, out var epoch, out var sequence)) return "its name is no chunk's";
        if (sequence >= nextSequence) return $"the number {sequence} was never given: the next one is {nextSequence}";
        return Objection(path, new ChunkId(stream, epoch, sequence), unreadable);
    }

    /// <summary>The same for any number: where a journal was lost, the signature alone says that a number was given.</summary>
    public string? Objection(string path, ChunkId id, bool unreadable)
    {
        try
        {
            var (statement, signature) = SignedManifest.Read(path);
            if (ChunkOf(statement) is var chunk && chunk != id.ToString()) return $"it is the manifest of {chunk}";
            var state = verifier.Check(statement, signature);
            return state == SignatureState.Verified ? null : $"its signature is {Words(state)}";
        }
        catch (FormatException broken)
        {
            return unreadable ? $"its manifest cannot be read: {broken.Message}" : null;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // A loss that was taken back leaves its record where the manifest of a stored chunk would lie.
    private static string ChunkOf(byte[] statement)
    {
        try
        {
            return ManifestJson.Read(statement).Chunk;
        }
        catch (FormatException) when (IsLoss(statement, out var chunk))
        {
            return chunk;
        }
    }

    private static bool IsLoss(byte[] statement, out string chunk)
    {
        chunk = "";
        try
        {
            chunk = LossJson.Read(statement).Chunk;
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Words(SignatureState state) => state switch
    {
        SignatureState.UnknownKey => "by a key that is not known here (see Crispy:Signing:PublicKeys)",
        SignatureState.Missing => "missing",
        _ => "invalid",
    };
}
