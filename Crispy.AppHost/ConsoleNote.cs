using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.AppHost;

/// <summary>Tells people and programs where the console is, once it answers: a line of output, and a file in the data folder for as long as the run lasts.</summary>
public sealed class ConsoleNote : IDisposable
{
    /// <summary>The file's name in the data folder; it holds the console's address.</summary>
    public const string FileName = "console.url";

    private readonly CancellationTokenSource _over = new();
    private readonly string _path;
    private readonly Task _telling;

    /// <summary>Begins to wait for the console.</summary>
    public ConsoleNote(DistributedApplication app, EndpointReference console, string path)
    {
        _path = path;
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
        await foreach (var change in app.Services.GetRequiredService<ResourceNotificationService>().WatchAsync(_over.Token))
        {
            if (change.Resource.Name != "console" || change.Snapshot is not { HealthStatus: HealthStatus.Healthy, HealthReports.Length: > 0 }) continue;
            if (await console.GetValueAsync(_over.Token) is not { } address) continue;
            await File.WriteAllTextAsync(_path, address, _over.Token);
            Console.Out.WriteLine($"Console: {address}");
            return;
        }
    }
}
