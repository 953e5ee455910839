namespace Crispy.StreamHandle.Recording;

/// <summary>How one try to read a source ended.</summary>
internal abstract record Ending
{
    private Ending()
    {
    }

    /// <summary>Another try is wanted.</summary>
    /// <param name="Error">Why this one ended, for people, without secrets.</param>
    public sealed record Again(string Error) : Ending
    {
        /// <summary>Why what comes next does not follow on; null where the reason of before still holds.</summary>
        public string? GapReason { get; init; }

        /// <summary>Whether anything was recorded: then pauses begin at the shortest again.</summary>
        public bool HasRecorded { get; init; }

        /// <summary>Whether the source is there and waits for nobody: what it sends meanwhile would be missed.</summary>
        public bool IsAtOnce { get; init; }

        /// <summary>What is waited for besides the usual pause.</summary>
        public TimeSpan Pause { get; init; }
    }

    /// <summary>The source is at its end.</summary>
    /// <param name="Segments">How many segments it had.</param>
    public sealed record Complete(int Segments) : Ending;

    /// <summary>The source was read to its end before, and is not to be read again.</summary>
    public sealed record ReadBefore : Ending;

    /// <summary>No other try can help.</summary>
    /// <param name="Error">Why, for people, without secrets.</param>
    public sealed record Failed(string Error) : Ending;

    /// <summary>It was asked to stop.</summary>
    public sealed record Stopped : Ending;
}
