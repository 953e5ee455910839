using Microsoft.AspNetCore.Builder;

namespace Crispy.Console.Tests;

/// <summary>What servers of tests have in common.</summary>
internal static class WebApplications
{
    /// <summary>Stops a server without waiting for those who listen.</summary>
    public static async Task StopNowAsync(this WebApplication app)
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
