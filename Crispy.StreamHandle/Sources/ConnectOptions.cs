namespace Crispy.StreamHandle.Sources;

/// <summary>How many sources are opened at once, from <c>Crispy:Connects</c>: opening one costs far more than reading it.</summary>
public sealed record ConnectOptions
{
    /// <summary>Sources that are being opened at the same time at most: 1 to 1000, default 16.</summary>
    public int AtOnce { get; init; } = 16;

    /// <summary>A source that had to wait for its turn waits up to this much longer, at random: 0 to 1 min, default 0.25 s. So cameras
    /// behind one switch are not opened in step.</summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromSeconds(0.25);

    internal static ConnectOptions Read(SectionReader keys)
    {
        var defaults = new ConnectOptions();
        var options = new ConnectOptions
        {
            AtOnce = keys.Number("AtOnce", 1, 1000) ?? defaults.AtOnce,
            Jitter = keys.Span("Jitter", TimeSpan.Zero, TimeSpan.FromMinutes(1)) ?? defaults.Jitter,
        };
        keys.RefuseUnknownKeys();
        return options;
    }
}
