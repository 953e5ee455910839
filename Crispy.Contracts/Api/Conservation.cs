namespace Crispy.Contracts.Api;

/// <summary>The conservation law of a stream: where each chunk is that was ever captured into its spool.</summary>
/// <param name="Captured">Sequence numbers given so far, by the journal.</param>
/// <param name="Stored">Chunks that the bucket holds: counted by the journal, and manifests in <c>stored/</c>.</param>
/// <param name="Spooled">Chunks whose manifest lies in <c>ready/</c>.</param>
/// <param name="Dead">Chunks whose manifest lies in <c>dead/</c>.</param>
/// <param name="Lost">Chunks that were declared lost: counted by the journal, and manifests in <c>lost/</c>.</param>
public readonly record struct Conservation(long Captured, long Stored, long Spooled, long Dead, long Lost)
{
    /// <summary>Captured less all others: 0, unless somebody else meddled with the spool.</summary>
    public long Balance => Captured - Stored - Spooled - Dead - Lost;

    /// <summary>The sum of two streams.</summary>
    public Conservation Plus(Conservation other) =>
        new(Captured + other.Captured, Stored + other.Stored, Spooled + other.Spooled, Dead + other.Dead, Lost + other.Lost);
}

/// <summary>How much video has been captured.</summary>
/// <param name="Chunks">Number of chunks.</param>
/// <param name="Frames">Number of video frames.</param>
/// <param name="Bytes">Size of the chunks.</param>
public readonly record struct Captured(long Chunks, long Frames, long Bytes)
{
    /// <summary>The sum with one more chunk.</summary>
    public Captured Plus(long frames, long bytes) => new(Chunks + 1, Frames + frames, Bytes + bytes);

    /// <summary>The sum of two streams.</summary>
    public Captured Plus(Captured other) => new(Chunks + other.Chunks, Frames + other.Frames, Bytes + other.Bytes);
}
