namespace Crispy.StreamHandle.Spooling;

/// <summary>A volume's bytes.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Free">What can be written.</param>
public readonly record struct VolumeSpace(long Total, long Free);

/// <summary>Who held the spool's volume when it was last measured. In bytes, whole blocks for each file.</summary>
/// <param name="Own">The spool's own files.</param>
/// <param name="Space">The volume.</param>
public sealed record VolumeSample(long Own, VolumeSpace Space)
{
    // The smallest unit of the usual file systems.
    private const long Block = 4096;

    /// <summary>What the files of others take, and what nobody can use.</summary>
    public long Others => Space.Total - Space.Free - Own;

    /// <summary>What a file takes of the volume.</summary>
    public static long Blocks(long length) => (length + Block - 1) / Block * Block;
}
