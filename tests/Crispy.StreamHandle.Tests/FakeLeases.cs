using Crispy.Coordination;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Tests;

/// <summary>Leases that are granted as a test says; after the last one the stream waits until it is to stop.</summary>
internal sealed class FakeLeases(TimeProvider clock, params LeaseGrant[] grants) : ILeases
{
    private int _granted;

    public bool IsOn => true;

    public string? Trouble => null;

    public string Replica => "here";

    public List<LeasedLink> Noted { get; } = [];

    /// <summary>The present time of holding it.</summary>
    public Tenure? Present { get; private set; }

    public int Ended { get; private set; }

    public async Task<Tenure?> AwaitAsync(string stream, Func<StreamStatus> status, CancellationToken stopping)
    {
        if (_granted < grants.Length) return Present = new Tenure(grants[_granted++], clock).EndingWith(stopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    public void Note(Tenure tenure, LeasedLink last) => Noted.Add(last);

    public void Changed()
    {
    }

    public void Keep(string stream)
    {
    }

    public Task GiveUpAsync(string stream) => Task.CompletedTask;

    public Task EndAsync(string stream, Tenure tenure)
    {
        Ended++;
        tenure.Dispose();
        return Task.CompletedTask;
    }
}
