using System.Text.Json.Nodes;

namespace Crispy.Cli.Sources;

/// <summary>A place where chunks and loss records lie. Its items can be read until it is disposed.</summary>
internal abstract class Source : IDisposable
{
    /// <summary>All that says to be a chunk or a loss record.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public abstract IAsyncEnumerable<Item> ItemsAsync(CancellationToken cancellation);

    /// <summary>Whether it is a spool, which chunks leave for the bucket.</summary>
    public virtual bool IsSpool => false;

    /// <summary>What this place knows of where chains end.</summary>
    public virtual IEnumerable<KnownEnd> KnownEnds() => [];

    /// <summary>The lifecycle rules of the bucket that it is; null where it is none, or they may not be read.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public virtual Task<JsonArray?> RulesAsync(CancellationToken cancellation) => Task.FromResult<JsonArray?>(null);

    /// <inheritdoc />
    public virtual void Dispose()
    {
    }

    /// <summary>Finds out what a place is: <c>gs://bucket[/prefix]</c>, the data folder of a local run, a spool, or a downloaded bucket
    /// with its <c>objects.json</c>.</summary>
    /// <exception cref="SourceException">It is none of them.</exception>
    public static IReadOnlyList<Source> Open(string place)
    {
        if (place.StartsWith("gs://", StringComparison.Ordinal)) return [new BucketSource(place)];
        if (!Directory.Exists(place)) throw new SourceException($"{place}: there is no such folder");
        var spool = Path.Combine(place, "spool");
        if (EmulatorFolder.IsOne(place))
            return Directory.Exists(spool) ? [new EmulatorFolder(place), new SpoolFolder(spool)] : [new EmulatorFolder(place)];
        if (DownloadedBucket.IsOne(place)) return [new DownloadedBucket(place)];
        if (SpoolFolder.IsOne(place)) return [new SpoolFolder(place)];
        throw new SourceException(
            $"{place}: neither a spool, nor the data folder of a run, nor a downloaded bucket, which needs a list of its objects in "
                + $"{DownloadedBucket.ListName}");
    }
}

/// <summary>A place cannot be read; the message names it.</summary>
internal sealed class SourceException(string message, Exception? cause = null) : Exception(message, cause);
