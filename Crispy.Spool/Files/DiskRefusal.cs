namespace Crispy.Spool;

/// <summary>A disk's refusal as callers know how to wait for it.</summary>
public static class DiskRefusal
{
    /// <summary>Does work in parallel; of several failures the disk's refusal counts.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Unwrap(Action parallel)
    {
        try
        {
            parallel();
        }
        catch (AggregateException several) when (several.InnerExceptions.FirstOrDefault(each => each is IOException) is { } refusal)
        {
            throw new IOException(refusal.Message, refusal);
        }
    }
}
