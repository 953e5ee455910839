namespace Crispy.Coordination;

/// <summary>Where a chunk is on its way: <c>queued -> uploading -> stored | retrying | dead</c>,
/// and from anywhere but <c>stored</c> to <c>lost</c>.</summary>
public enum ChunkState
{
    /// <summary>In the spool, and (about to be) published.</summary>
    Queued,

    /// <summary>A worker has it.</summary>
    Uploading,

    /// <summary>In the bucket, its checksum compared.</summary>
    Stored,

    /// <summary>Waits in a delay queue.</summary>
    Retrying,

    /// <summary>No retry can store it.</summary>
    Dead,

    /// <summary>Declared lost, and the bucket holds the record of that.</summary>
    Lost,
}
