namespace Crispy.Console.Auditing;

/// <summary>How many refusals of one person are written: 30 a minute. Others are counted, and the next one that is written says how many.
/// Without it who may nothing could fill the log.</summary>
internal sealed class RefusalLimit(TimeProvider time)
{
    private const int Most = 30;
    private const int MostPeople = 1000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (DateTimeOffset Since, int Count, int Left)> _people = new(StringComparer.Ordinal);

    /// <summary>Counts one.</summary>
    /// <returns>How many were left out before it; null where it is left out itself.</returns>
    public int? Count(string subject)
    {
        lock (_people)
        {
            var now = time.GetUtcNow();
            if (!_people.TryGetValue(subject, out var known) && _people.Count >= MostPeople) subject = "";
            known = _people.GetValueOrDefault(subject, (now, 0, 0));
            if (now - known.Since >= Window) known = (now, 0, known.Left);
            var isWritten = known.Count < Most;
            _people[subject] = isWritten ? (known.Since, known.Count + 1, 0) : (known.Since, known.Count, known.Left + 1);
            return isWritten ? known.Left : null;
        }
    }
}
