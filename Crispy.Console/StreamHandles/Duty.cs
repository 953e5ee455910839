namespace Crispy.Console.StreamHandles;

/// <summary>What needs a person now, of all stream-handles together: kept by <see cref="DutyFeed"/>, read by pages.</summary>
public sealed class Duty(KnownStreams streams)
{
    private volatile DutyReport? _report;

    /// <summary>The newest report; null before the first.</summary>
    public DutyReport? Report => _report;

    /// <summary>Raised with each report; handlers must be quick.</summary>
    public event Action<DutyReport>? Changed;

    /// <summary>Takes in a new report.</summary>
    public void Put(DutyReport report)
    {
        _report = report;
        streams.Touch();
        Changed?.Invoke(report);
    }
}
