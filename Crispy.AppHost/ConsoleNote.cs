using Microsoft.Extensions.DependencyInjection;

namespace Crispy.AppHost;

/// <summary>Tells people and programs where the console is, once it and stream-handle answer. The address goes to <c>tell</c> and, for as
/// long as the run lasts, into a file in the data folder. A stream-handle that does not come is not waited for longer than a minute: the
/// console is where to see that.</summary>
public sealed class ConsoleNote : IDisposable
{
    /// <summary>The file's name in the data folder; it holds the console's address.</summary>
    public const string FileName = "console.url";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _over = new();
    private readonly string _path;
    private readonly Action<string> _tell;
    private readonly Task _telling;

    /// <summary>Begins to wait for the console.</summary>
    /// <param name="app">The application.</param>
    /// <param name="console">The console's endpoint.</param>
    /// <param name="path">The file.</param>
    /// <param name="tell">Gets the address.</param>
    public ConsoleNote(DistributedApplication app, EndpointReference console, string path, Action<string> tell)
    {
        (_path, _tell) = (path, tell);
        File.Delete(path);
        _telling = TellAsync(app, console);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _over.Cancel();
        _telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _over.Dispose();
        File.Delete(_path);
    }

    private async Task TellAsync(DistributedApplication app, EndpointReference console)
    {
        await Task.Yield();
        await WaitAsync(app);
        if (await console.GetValueAsync(_over.Token) is not { } address) return;
        await File.WriteAllTextAsync(_path, address, _over.Token);
        _tell(address);
    }

    private async Task WaitAsync(DistributedApplication app)
    {
        var missing = new HashSet<string>(["console", "stream-handle"], StringComparer.Ordinal);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        try
        {
            await foreach (var change in app.Services.GetRequiredService<ResourceNotificationService>().WatchAsync(end.Token))
            {
                if (!change.Snapshot.HasAnswered() || !missing.Remove(change.Resource.Name)) continue;
                if (missing.Count == 0) return;
                if (change.Resource.Name == "console") end.CancelAfter(Patience);
            }
        }
        catch (OperationCanceledException) when (!_over.IsCancellationRequested)
        {
            // The console alone, then.
        }
    }
}
