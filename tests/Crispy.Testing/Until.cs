using System.Runtime.CompilerServices;

namespace Crispy.Testing;

/// <summary>Waits for something that happens, asked again and again; the limit only turns a hang into a failure.</summary>
public static class Until
{
    // Limits are written for a machine that has nothing else to do. One that has takes several times as long, and is not wrong.
    private const int Patience = 4;

    /// <summary>Returns when the condition holds; fails after the limit, naming the condition.</summary>
    /// <param name="condition">Asked every 20 ms.</param>
    /// <param name="limit">How long to wait on a machine that has nothing else to do; 2 min by default.
    /// A busy one is given four times that.</param>
    /// <param name="what">What is waited for; the condition's own text by default.</param>
    /// <param name="log">What else is told at a failure, read only then.</param>
    /// <exception cref="TimeoutException">The condition did not hold within the limit.</exception>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "",
        Func<string>? log = null)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var most = (limit ?? TimeSpan.FromMinutes(2)) * Patience;
        while (!await condition())
        {
            if (clock.GetElapsedTime(start) > most)
                throw new TimeoutException($"Not within {most.TotalSeconds} s: {what}\n{log?.Invoke()}".TrimEnd());
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, TimeSpan?, string, Func{string})"/>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "",
        Func<string>? log = null) =>
        TrueAsync(() => Task.FromResult(condition()), limit, what, log);
}
