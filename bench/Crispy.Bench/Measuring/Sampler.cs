namespace Crispy.Bench.Measuring;

/// <summary>Watches the processes while something runs.</summary>
internal sealed class Sampler
{
    // Walking over all pages of all processes several times a second would be a part of what is measured.
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _stop = new();
    private readonly List<IReadOnlyDictionary<string, Use>> _samples = [];
    private readonly Task _run;

    private Sampler(TimeSpan interval) => _run = RunAsync(interval);

    /// <summary>Begins.</summary>
    public static Sampler Start(TimeSpan interval) => new(interval);

    /// <summary>Ends, and tells what was used since the beginning.</summary>
    public async Task<IReadOnlyList<Spent>> StopAsync()
    {
        _stop.SetResult();
        await _run;
        _samples.Add(ProcessTree.Read());
        return [.. _samples.SelectMany(sample => sample.Keys).Distinct().Order(StringComparer.Ordinal).Select(Of)];
    }

    private Spent Of(string name)
    {
        var uses = _samples.Select(sample => sample.GetValueOrDefault(name, Use.Nothing)).ToList();
        var cpu = Math.Max(0, uses[^1].CpuSeconds - uses[0].CpuSeconds);
        return new(name, uses.Max(use => use.Processes), cpu, uses.Max(use => use.GreatestRssMb), uses.Max(use => use.PssMb),
            uses.Where(use => use.PssMb > 0).Select(use => use.PssMb).Median());
    }

    private async Task RunAsync(TimeSpan interval)
    {
        _samples.Add(ProcessTree.Read());
        var memoryAt = TimeProvider.System.GetTimestamp();
        while (await Task.WhenAny(_stop.Task, Task.Delay(interval, TimeProvider.System)) != _stop.Task)
        {
            var memory = TimeProvider.System.GetElapsedTime(memoryAt) >= MemoryInterval;
            if (memory) memoryAt = TimeProvider.System.GetTimestamp();
            _samples.Add(ProcessTree.Read(memory));
        }
    }
}
