namespace Crispy.Contracts;

/// <summary>Who recorded a chunk, where several stream-handles share the streams. Each spool has a hash chain of its own for a stream; this
/// is what ties them together.</summary>
/// <param name="Spool">Its stream-handle's spool.</param>
/// <param name="Token">The fencing token: of two chunks that cover the same time,
/// the one with the greater token is its rightful holder's.</param>
/// <param name="After">On the first chunk after another stream-handle's: the last one of the other that was known then;
/// null on all others.</param>
public sealed record ChunkLease(string Spool, long Token, ChainEnd? After = null);

/// <summary>The last link of a chain, as far as it was known.</summary>
/// <param name="Chunk">The chunk's id (<see cref="ChunkId"/>).</param>
/// <param name="Sha256">SHA-256 of the link's bytes, lower-case hexadecimal:
/// what the next link of the same chain would hold as <c>previous</c>.</param>
public sealed record ChainEnd(string Chunk, string Sha256);
