using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The Aspire dashboard, started by the official <c>aspire</c> program beside the resources. It may fail or be missing: the
/// application runs without it.
/// </summary>
internal sealed class DashboardProcess(
    IConfiguration configuration, AspireProgram program, DistributedApplicationOptions options, ProcessLauncher launcher, IHttpClientFactory clients, Display display, TimeProvider time)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly Lazy<string> _frontend = new(() => Http(configuration["ASPNETCORE_URLS"]) ?? FreeUrl());
    private readonly Lazy<string> _otlp = new(() => Http(configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]) ?? FreeUrl());
    private Task _starting = Task.CompletedTask;
    private ChildProcess? _process;

    /// <summary>Where resources send their telemetry, by gRPC: to the dashboard, or where the configuration says there is a collector; null is nowhere.</summary>
    public string? OtlpEndpoint =>
        !options.DisableDashboard && program.MayBeThere ? _otlp.Value : Http(configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]);

    public void Start(CancellationToken stopping) => _starting = Task.Run(() => RunAsync(stopping), CancellationToken.None);

    public async Task StopAsync()
    {
        await _starting.ConfigureAwait(false);
        if (_process is null) return;

        _process.Terminate();
        await Task.WhenAny(_process.Ended, Task.Delay(StopLimit, time)).ConfigureAwait(false);
        _process.KillNow();
        await _process.Ended.ConfigureAwait(false);
    }

    /// <summary>The first URL that is not https, for which there is no certificate.</summary>
    internal static string? Http(string? urls) =>
        urls?.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase));

    private static string FreeUrl()
    {
        using var reservation = PortReservation.Any();
        return $"http://127.0.0.1:{reservation.Port}";
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            if (await program.FindAsync(stopping).ConfigureAwait(false) is not { } path) return;
            RequireFree(_frontend.Value);
            RequireFree(_otlp.Value);

            string[] arguments =
            [
                "dashboard", "run", "--frontend-url", _frontend.Value, "--otlp-grpc-url", _otlp.Value, "--otlp-http-url", FreeUrl(),
                "--allow-anonymous", "--non-interactive", "--nologo",
            ];
            var environment = new Dictionary<string, string> { ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "true" };
            _process = await launcher.StartAsync(new(path, arguments, "/", environment), _ => { }).ConfigureAwait(false);
            _process.Read();
            display.Say(await IsReadyAsync(_process, stopping).ConfigureAwait(false)
                ? $"Dashboard: {_frontend.Value}"
                : $"No dashboard: {path} failed: {string.Join(' ', _process.Tail)}");
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        catch (Exception failure)
        {
            display.Say($"No dashboard: {failure.Message}");
        }
    }

    private static void RequireFree(string url)
    {
        var port = new Uri(url).Port;
        using var reservation = PortReservation.TryTake(port);
        if (reservation is null) throw new DistributedApplicationException($"port {port} of {url} is taken by another process");
    }

    private async Task<bool> IsReadyAsync(ChildProcess process, CancellationToken stopping)
    {
        using var client = clients.CreateClient(nameof(DashboardProcess));
        var from = time.GetTimestamp();
        while (!process.Ended.IsCompleted && time.GetElapsedTime(from) < StartLimit)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{_frontend.Value}/health"), stopping).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode) return true;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stopping).ConfigureAwait(false);
        }

        return false;
    }
}
