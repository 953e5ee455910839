using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.UploadWorker.Incoming;

/// <summary>A chunk as a message brings it: a hint, believed only where the spool holds the same.</summary>
/// <param name="Id">The chunk's id.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestBytes">Its exact bytes, which the signature covers.</param>
/// <param name="Signature">The detached JWS.</param>
/// <param name="Traceparent">W3C trace context that the upload continues, or null.</param>
/// <param name="Retries">How often it has been through a delay queue, by its own word.</param>
internal sealed record IncomingChunk(ChunkId Id, ChunkManifest Manifest, byte[] ManifestBytes, string Signature,
    string? Traceparent, long Retries)
{
    /// <summary>A chunk as the spool holds it.</summary>
    public static IncomingChunk Of(SpooledChunk held) =>
        new(held.Id, held.Manifest, held.ManifestBytes, held.Signature, held.Manifest.Traceparent, 0);

    /// <summary>Whether a chunk of the spool is this one, to the byte, signature included.</summary>
    public bool Is(SpooledChunk held) =>
        held.Id == Id && held.Signature == Signature && held.ManifestBytes.AsSpan().SequenceEqual(ManifestBytes);

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">It is no chunk's message; says why.</exception>
    public static IncomingChunk Read(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
    {
        var manifest = ReadManifest(body); // which refuses what is too large before anything is copied
        if (!ChunkId.TryParse(manifest.Chunk, out var id)) throw new FormatException($"'{manifest.Chunk}' is not a chunk's id");
        if (properties.MessageId != manifest.Chunk)
            throw new FormatException($"message id '{properties.MessageId}' is not that of the manifest, '{manifest.Chunk}'");
        var signature = ChunkMessage.Text(properties, ChunkMessage.SignatureHeader);
        if (string.IsNullOrEmpty(signature)) throw new FormatException($"no header {ChunkMessage.SignatureHeader}");
        SignedManifest.Require(body, signature); // as the spool holds it
        var traceparent = Parent(ChunkMessage.Text(properties, ChunkMessage.TraceparentHeader), manifest.Traceparent);
        return new(id, manifest, body.ToArray(), signature, traceparent, ChunkMessage.Number(properties, ChunkMessage.RetriesHeader));
    }

    // What a message holds may break its reader in ways that no list foresees; it would come again and again.
    private static ChunkManifest ReadManifest(ReadOnlySpan<byte> body)
    {
        try
        {
            return ManifestJson.Read(body);
        }
#pragma warning disable CA1031
        catch (Exception broken) when (broken is not FormatException)
#pragma warning restore CA1031
        {
            throw new FormatException($"not a manifest: {broken.Message}", broken);
        }
    }

    // Publishing writes its own span into the header. The first publish continues the chunk's trace. A later one (a sweep, a delay queue)
    // may come out of a trace of its own: then the manifest leads back to the chunk's.
    private static string? Parent(string? header, string? manifest) =>
        ActivityContext.TryParse(manifest, null, out var capture)
        && !(ActivityContext.TryParse(header, null, out var publish) && publish.TraceId == capture.TraceId)
            ? manifest
            : header;
}
