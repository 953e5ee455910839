using System.Runtime.CompilerServices;
using Crispy.Coordination;
using Crispy.StreamHandle.Recording;

namespace Crispy.StreamHandle.Tests;

/// <summary>What a source yields when it is opened once.</summary>
internal delegate IAsyncEnumerable<Found> Script(CancellationToken stopping);

/// <summary>A source that yields what a test says, a script for each time it is opened. After the last script it waits until it is to
/// stop.</summary>
internal sealed class FakeSource(TimeProvider clock, params Script[] scripts) : ISource
{
    private readonly List<(string? GapReason, DateTimeOffset At)> _opened = [];

    /// <summary>Fails so often before the spool can be recovered.</summary>
    public int Refusals { get; set; }

    public (bool IsReadAgain, bool MayBeLast)? Recovered { get; private set; }

    public List<LeaseGrant?> Grants { get; } = [];

    public bool IsDisposed { get; private set; }

    /// <summary>Each time it was opened: why its first chunk would not follow on, and when.</summary>
    public IReadOnlyList<(string? GapReason, DateTimeOffset At)> Opened { get { lock (_opened) return [.. _opened]; } }

    /// <summary>A script that yields these, one after another.</summary>
    public static Script Yields(params Found[] found) => _ => found.ToAsyncEnumerable();

    /// <summary>A script of a live source that is away.</summary>
    public static Script IsAway(string error = "away") =>
        Yields(new Found.Kind(false), new Found.End(new Ending.Again(error)));

    /// <summary>A script that yields some, waits until it is to stop, and then yields more.</summary>
    public static Script YieldsUntilStopped(Found[] found, params Found[] last) => stopping => WaitAsync(found, last, stopping);

    /// <summary>A script that yields some and then fails.</summary>
    public static Script Fails(Exception failure, params Found[] found) => _ => FailAsync(failure, found);

    public async IAsyncEnumerable<Found> RecoverAsync(bool isReadAgain, bool mayBeLast)
    {
        await Task.CompletedTask;
        if (Refusals-- > 0) throw new IOException("no space left");
        Recovered = (isReadAgain, mayBeLast);
        yield return new Found.Recovered(new(2, 20, 200), []);
    }

    public void Take(LeaseGrant? grant) => Grants.Add(grant);

    public IAsyncEnumerable<Found> OpenAsync(string? gapReason, CancellationToken stopping)
    {
        lock (_opened)
        {
            _opened.Add((gapReason, clock.GetUtcNow()));
            if (_opened.Count <= scripts.Length) return scripts[_opened.Count - 1](stopping);
            return WaitAsync([], [new Found.End(new Ending.Stopped())], stopping);
        }
    }

    public void Dispose() => IsDisposed = true;

    private static async IAsyncEnumerable<Found> WaitAsync(Found[] found, Found[] last, [EnumeratorCancellation] CancellationToken stopping)
    {
        foreach (var each in found) yield return each;
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var each in last) yield return each;
    }

    private static async IAsyncEnumerable<Found> FailAsync(Exception failure, Found[] found)
    {
        foreach (var each in found) yield return each;
        await Task.CompletedTask;
        throw failure;
    }
}
