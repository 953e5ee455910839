namespace Crispy.UploadWorker.Uploading;

/// <summary>What an attempt to bring a chunk into the bucket came to.</summary>
internal abstract record Verdict
{
    /// <summary>The bucket holds the chunk and the spool no longer does: acknowledge.</summary>
    public sealed record Stored : Verdict;

    /// <summary>The chunk was declared lost before it could be stored, and its loss record tells of it: acknowledge.</summary>
    public sealed record Lost : Verdict;

    /// <summary>Spool or bucket tell that it was settled before: acknowledge.</summary>
    public sealed record Settled : Verdict;

    /// <summary>The message is no hint at anything that the spool holds: it alone is set aside, and nothing else changes.</summary>
    /// <param name="Reason">Why: one of the constants of <see cref="Crispy.Spool.DeadReason"/>.</param>
    /// <param name="Error">In words.</param>
    public sealed record NotHeld(string Reason, string Error) : Verdict;

    /// <summary>Try again later, for as long as it takes.</summary>
    /// <param name="Reason">What failed.</param>
    /// <param name="NotBefore">How long the server asked to be left alone, if it did.</param>
    public sealed record Later(string Reason, TimeSpan? NotBefore) : Verdict;

    /// <summary>The bucket refuses uploads, and only a person can repair that.</summary>
    /// <param name="Reason">Its answer.</param>
    /// <param name="MayBeThisChunk">Whether the refusal may be of this chunk alone, so that another should be tried first.</param>
    public sealed record Refused(string Reason, bool MayBeThisChunk) : Verdict;

    /// <summary>No retry can store it.</summary>
    /// <param name="Reason">Why: one of the constants of <see cref="Crispy.Spool.DeadReason"/>.</param>
    /// <param name="Error">The last error.</param>
    public sealed record Dead(string Reason, string Error) : Verdict;

    /// <summary>What metrics call each verdict on an upload.</summary>
    public static IReadOnlyList<string> Outcomes { get; } =
        [.. new[] { typeof(Stored), typeof(Lost), typeof(Later), typeof(Refused), typeof(Dead) }.Select(OutcomeOf)];

    /// <summary>What metrics call one kind of verdict.</summary>
    public static string OutcomeOf(Type verdict) => verdict.Name.ToLowerInvariant();

    /// <summary>What follows from a failure.</summary>
    public static Verdict Of(Exception exception)
    {
        var failure = Failure.Of(exception);
        return failure.Kind switch
        {
            FailureKind.Permanent => new Dead(failure.DeadReason, failure.Error),
            FailureKind.Configuration => new Refused(failure.Error, exception is BucketException { MayBeThisChunk: true }),
            _ => new Later(failure.Error, failure.RetryAfter),
        };
    }
}
