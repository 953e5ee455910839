namespace Crispy.StreamHandle.Leasing;

/// <summary>What a replica does with the streams that it holds while it cannot reach Redis.</summary>
public enum RedisAway
{
    /// <summary>It records on. Nothing is lost. If it alone is cut off, the stream is recorded twice until it is back, and the fencing
    /// token tells which one counts.</summary>
    Keep,

    /// <summary>It stops before its leases are over. Nothing is recorded twice; while Redis is away nothing is recorded at all.</summary>
    Stop,
}

/// <summary>How several replicas of stream-handle share the streams, from <c>Crispy:Leases</c>.</summary>
public sealed record LeaseOptions
{
    /// <summary>Whether a stream is recorded only under a lease in Redis; default false: this process records all of its streams.</summary>
    public bool Enabled { get; init; }

    /// <summary>How long a lease holds unless renewed, and so how soon a replica that died is replaced: 1 s to 5 min, default 6
    /// s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>What happens while Redis is away.</summary>
    public RedisAway WhenRedisIsAway { get; init; }

    /// <summary>How often a replica looks for free streams at least; up to a third of <see cref="Time"/> may pass between two
    /// renewals.</summary>
    internal TimeSpan Interval => TimeSpan.FromSeconds(Math.Clamp(Time.TotalSeconds / 12, 0.1, 1));

    /// <summary>How long a lease counts as held after the last renewal was sent, where it must not be held too long. The rest is for
    /// closing the chunk.</summary>
    internal TimeSpan Sure => Time * 2 / 3;

    internal static LeaseOptions Read(SectionReader keys)
    {
        var defaults = new LeaseOptions();
        var options = new LeaseOptions
        {
            Enabled = keys.YesNo("Enabled") ?? defaults.Enabled,
            Time = keys.Span("Time", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)) ?? defaults.Time,
            WhenRedisIsAway = keys.Choice<RedisAway>("WhenRedisIsAway") ?? defaults.WhenRedisIsAway,
        };
        keys.RefuseUnknownKeys();
        return options;
    }
}
