namespace Crispy.Bench.Memory;

/// <summary>A time in which nothing changed.</summary>
/// <param name="Name">What it was like.</param>
/// <param name="Streams">Streams.</param>
/// <param name="Processes">What the processes held.</param>
internal sealed record Stage(string Name, int Streams, IReadOnlyList<Spent> Processes)
{
    /// <summary>Proportional share of all processes of one name, median, MB.</summary>
    public double Pss(string name) => Processes.Of(name) is { Processes: > 0 } spent ? spent.PssMb : 0;

    /// <summary>Of stream-handle with its ffmpegs, MB.</summary>
    public double Recording => Pss("stream-handle") + Pss("ffmpeg");
}
