namespace Crispy.Contracts.Api;

/// <summary>How long each stream's video is kept, and what that costs.</summary>
/// <param name="At">When this was read, UTC.</param>
/// <param name="Prices">What the costs are reckoned with.</param>
/// <param name="PricesSource">Where prices that were not set come from.</param>
/// <param name="Streams">All streams, by id.</param>
public sealed record RetentionReport(DateTimeOffset At, PriceList Prices, string PricesSource,
    IReadOnlyList<StreamRetentionReport> Streams);

/// <summary>How long one stream's video is kept, and what that costs. Bytes are reckoned from its last day.</summary>
public sealed record StreamRetentionReport
{
    /// <summary>The stream.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; null where the id is name enough.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is known how long its video must be kept: not where no stream-handle tells of it.</summary>
    public bool IsKnown { get; init; }

    /// <summary>Days for which its video must be kept; null for ever, or where that is not known.</summary>
    public int? Days { get; init; }

    /// <summary>Whether its own definition says so.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Days for which its loss records must be kept; null for ever.</summary>
    public int? LossRecordDays { get; init; }

    /// <summary>Whether the bucket's rules could be read.</summary>
    public bool BucketIsKnown { get; init; }

    /// <summary>After how many days the bucket's rules delete its video; null for never, or where they could not be read.</summary>
    public int? BucketDays { get; init; }

    /// <summary>Whether the bucket's rules do something else than they should.</summary>
    public bool Differs => IsKnown && BucketIsKnown && Days != BucketDays;

    /// <summary>When its oldest stored chunk begins, UTC; null where nothing is stored.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Bytes that were stored of its last day.</summary>
    public long BytesADay { get; init; }

    /// <summary>Chunks that were stored of its last day.</summary>
    public long ChunksADay { get; init; }

    /// <summary>About how many bytes are stored: its last day's for each day since its oldest chunk.</summary>
    public long Bytes { get; init; }

    /// <summary>About how many bytes will be stored once the oldest are deleted; null where nothing is.</summary>
    public long? BytesInTheEnd { get; init; }

    /// <summary>About what it costs a month now: what is stored, and the operations of what is recorded.</summary>
    public double CostAMonth { get; init; }

    /// <summary>About what it will cost a month once the oldest are deleted; null where nothing is.</summary>
    public double? CostAMonthInTheEnd { get; init; }
}
