using Crispy.Contracts;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>The volume on which chunks wait for their upload, from <c>Crispy:Spool</c>.</summary>
public sealed record SpoolOptions
{
    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>The volume's name, which names its queue: the workers that share the volume share the queue.
    /// Same rule as a stream's id.</summary>
    public string Name { get; init; } = "local";

    /// <summary>Bytes of all files in the spool above which it is full: finite sources pause, live ones do what <see cref="OnFull"/>
    /// says.
    /// Null, the default, takes what the volume has for it, less a reserve (<see cref="SpoolBudget.Of"/>).</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Bytes kept free on the spool's volume, even if others write to it: below them the spool is full; default 64 MiB.</summary>
    public long MinFreeBytes { get; init; } = 64L << 20;

    /// <summary>Closed segments of one stream, not yet spooled, above which a finite source pauses; default 32.</summary>
    public int MaxPendingSegments { get; init; } = 32;

    /// <summary>How often ready chunks that no message is known for are published again; default 30 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(30);

    internal static SpoolOptions Read(SectionReader keys)
    {
        var defaults = new SpoolOptions { Path = "" };
        var path = keys.FullPath("Path");
        if (path is null) keys.Mistake("Path", null, "must be the folder on which chunks wait for their upload");
        var spool = new SpoolOptions
        {
            Path = path ?? "",
            Name = keys.Text("Name", StreamId.IsValid, StreamId.Rule) ?? defaults.Name,
            MaxBytes = keys.Number("MaxBytes", 1 << 20, long.MaxValue),
            MinFreeBytes = keys.Number("MinFreeBytes", 0, long.MaxValue) ?? defaults.MinFreeBytes,
            MaxPendingSegments = keys.Number("MaxPendingSegments", 2, 10_000) ?? defaults.MaxPendingSegments,
            SweepInterval = keys.Span("SweepInterval", TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1)) ?? defaults.SweepInterval,
        };
        keys.RefuseUnknownKeys();
        return spool;
    }
}
