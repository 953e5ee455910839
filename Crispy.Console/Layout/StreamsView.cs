using Crispy.Console.StreamHandles;
using Microsoft.AspNetCore.Components;

namespace Crispy.Console.Layout;

/// <summary>A component that shows streams: drawn at most once a second, and only when something changed.</summary>
public abstract class StreamsView : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>The streams, as they are known now.</summary>
    [Inject] protected KnownStreams Known { get; set; } = default!;

    /// <summary>The clock.</summary>
    [Inject] protected TimeProvider Clock { get; set; } = default!;

    /// <summary>Whether what is shown depends on the time too, so that it is drawn each second.</summary>
    protected virtual bool Ages => false;

    /// <summary>Whether the component is gone: what the browser was asked to begin for it meanwhile has to be ended at once.</summary>
    protected bool IsGone => _stop.IsCancellationRequested;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await DisposeViewAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes in the streams as they are now; called before each drawing.</summary>
    protected abstract void Look();

    /// <summary>Ends what the component has of its own.</summary>
    protected virtual ValueTask DisposeViewAsync() => ValueTask.CompletedTask;

    /// <inheritdoc />
    protected override void OnParametersSet() => Look();

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _watching = WatchAsync();
    }

    private async Task WatchAsync()
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), Clock);
        var seen = -1L;
        while (await ticks.WaitForNextTickAsync(_stop.Token))
        {
            if (seen == Known.Revision && !Ages) continue;
            seen = Known.Revision;
            await InvokeAsync(() =>
            {
                Look();
                StateHasChanged();
            });
        }
    }
}
