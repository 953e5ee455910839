namespace Crispy.AppHost.Showing;

/// <summary>A step that may take its time: after 3 s it is said what is done.</summary>
internal sealed class SlowStep : IDisposable
{
    /// <summary>How long a step may take without a word.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ITimer _timer;

    /// <summary>Begins.</summary>
    /// <param name="what">What is done: <c>Asking docker whether it answers</c>.</param>
    /// <param name="screen">Where it is said.</param>
    /// <param name="time">The time.</param>
    public SlowStep(string what, RunScreen screen, TimeProvider time) =>
        _timer = time.CreateTimer(_ => screen.Say($"{what} ..."), null, Patience, Timeout.InfiniteTimeSpan);

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();
}
