namespace Crispy.StreamHandle.Sources;

/// <summary>What a live stream does when the spool is full. A finite source needs none: it is held back.</summary>
public enum OnFull
{
    /// <summary>The oldest chunks go, each leaving a loss record. Where others' files fill the volume, what is newly recorded
    /// goes.</summary>
    DropOldest,

    /// <summary>What is newly recorded goes, each segment leaving a loss record.</summary>
    DropNewest,

    /// <summary>Recording stops until there is room, which leaves a gap.</summary>
    Stop,
}
