namespace Crispy.Contracts;

/// <summary>Compares instants.</summary>
public static class Instant
{
    /// <summary>The earlier of two.</summary>
    public static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>The later of two.</summary>
    public static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
