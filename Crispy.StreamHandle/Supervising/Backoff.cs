namespace Crispy.StreamHandle.Supervising;

/// <summary>Pauses between tries: doubling from 1 s to 30 s. Each is cut by up to a half at random, so that a thousand cameras behind one
/// switch do not come back in step. None is under 1 s.</summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    private int _tries;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var full = TimeSpan.FromSeconds(Math.Min(Most.TotalSeconds, Math.Pow(2, Math.Min(_tries++, 10))));
        var pause = full * (1 - random.NextDouble() / 2);
        return pause < Least ? Least : pause;
    }

    /// <summary>Starts again after a success.</summary>
    public void Reset() => _tries = 0;
}
