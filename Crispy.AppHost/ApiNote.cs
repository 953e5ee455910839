namespace Crispy.AppHost;

/// <summary>Tells programs of this machine where stream-handle is: a file in the data folder, for as long as the run lasts.</summary>
public sealed class ApiNote : IDisposable
{
    /// <summary>The file's name in the data folder; it holds stream-handle's address.</summary>
    public const string FileName = "stream-handle.url";

    private readonly CancellationTokenSource _over = new();
    private readonly string _path;
    private readonly Task _telling;

    /// <summary>Begins to wait for the address.</summary>
    /// <param name="endpoint">stream-handle's endpoint.</param>
    /// <param name="path">The file.</param>
    public ApiNote(EndpointReference endpoint, string path)
    {
        _path = path;
        File.Delete(path);
        _telling = TellAsync(endpoint);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _over.Cancel();
        _telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _over.Dispose();
        File.Delete(_path);
    }

    private async Task TellAsync(EndpointReference endpoint)
    {
        await Task.Yield();
        if (await endpoint.GetValueAsync(_over.Token) is { } address) await File.WriteAllTextAsync(_path, address, _over.Token);
    }
}
