using System.Diagnostics.Metrics;
using System.Globalization;

namespace Crispy.Console.Notifying;

/// <summary>Instruments of notices.</summary>
internal sealed class NotifyTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Crispy.Console.Notify";

    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="pending">How many notices wait for each target, by its number.</param>
    public NotifyTelemetry(IMeterFactory meters, Func<IEnumerable<(int Target, int Count)>> pending)
    {
        var meter = meters.Create(Name);
        _sent = meter.CreateCounter<long>("crispy.notify.sent", "{notice}", "Notices that a target took");
        _failed = meter.CreateCounter<long>("crispy.notify.failed", "{try}", "Tries that a target did not take");
        meter.CreateObservableGauge("crispy.notify.pending", () => pending()
            .Select(each => new Measurement<int>(each.Count, Tag(each.Target))), "{notice}",
            "Notices that wait for a target");
    }

    /// <summary>Counts a try.</summary>
    public void Tried(int target, bool taken) => (taken ? _sent : _failed).Add(1, Tag(target));

    private static KeyValuePair<string, object?> Tag(int target) => new("target", target.ToString(CultureInfo.InvariantCulture));
}
