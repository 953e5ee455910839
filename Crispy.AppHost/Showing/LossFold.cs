namespace Crispy.AppHost.Showing;

/// <summary>Says that chunks were lost or died: the first at once. Where it goes on, as in a spool that is full,
/// it says once a minute what was added.</summary>
/// <param name="time">The time.</param>
internal sealed class LossFold(TimeProvider time)
{
    private long _told;
    private DateTimeOffset? _saidAt;

    /// <summary>Takes how many chunks are lost or dead by now.</summary>
    /// <returns>The line to say; null where there is nothing new, or it is too soon.</returns>
    public string? Observe(long lost)
    {
        var now = time.GetUtcNow();
        if (lost <= _told || now - _saidAt < ProblemFold.Pause) return null;
        var line = $"{Spell.Time(now)} {Spell.Count(lost - _told, "chunk")} lost or dead: the console's Losses and Dead letters say why";
        (_told, _saidAt) = (lost, now);
        return line;
    }
}
