using Crispy.Coordination;

namespace Crispy.StreamHandle.Supervising;

/// <summary>Without leases every stream is this process's to record, for as long as it runs.</summary>
internal sealed class NoLeases(TimeProvider clock) : ILeases
{
    /// <inheritdoc />
    public bool IsOn => false;

    /// <inheritdoc />
    public string Replica => "";

    /// <inheritdoc />
    public string? Trouble => null;

    /// <inheritdoc />
    public Task<Tenure?> AwaitAsync(string stream, Func<StreamStatus> status, CancellationToken stopping) =>
        Task.FromResult<Tenure?>(new Tenure(null, clock).EndingWith(stopping));

    /// <inheritdoc />
    public void Note(Tenure tenure, LeasedLink last) => tenure.Note(last);

    /// <inheritdoc />
    public void Changed()
    {
        // Nobody shares them.
    }

    /// <inheritdoc />
    public void Keep(string stream)
    {
        // Nobody else can have it.
    }

    /// <inheritdoc />
    public Task GiveUpAsync(string stream) => Task.CompletedTask;

    /// <inheritdoc />
    public Task EndAsync(string stream, Tenure tenure)
    {
        tenure.Dispose();
        return Task.CompletedTask;
    }
}
