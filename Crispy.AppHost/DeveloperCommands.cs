using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Crispy.AppHost;

/// <summary>Commands on resources of a run on this machine, with which a developer makes happen what otherwise only nights bring.</summary>
internal static class DeveloperCommands
{
    private const string Faults = "/_emulator/faults";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>On the bucket: cut it off, so that no request is answered, and bring it back.</summary>
    public static IResourceBuilder<ProjectResource> WithOutageCommands(this IResourceBuilder<ProjectResource> bucket)
    {
        var endpoint = bucket.GetEndpoint("http");
        return bucket
            .WithCommand("cut", "Cut the bucket off", context => TellAsync("Every request is reset. Chunks wait in the spool.",
                    () => Http.PostAsJsonAsync(new Uri(new(endpoint.Url), Faults), new { fault = "resetBeforeBody", times = int.MaxValue },
                        context.CancellationToken)),
                new() { IconName = "PlugDisconnected", IsHighlighted = true,
                    Description = "Resets every connection to the bucket until it is brought back: uploads are retried, and chunks wait." })
            .WithCommand("mend", "Bring the bucket back", context => TellAsync("The bucket answers again.",
                    () => Http.DeleteAsync(new Uri(new(endpoint.Url), Faults), context.CancellationToken)),
                new() { IconName = "PlugConnected", IsHighlighted = true, Description = "Ends the outage: what waits is stored." });
    }

    /// <summary>On stream-handle: add a demo camera, and break what all cameras are read with.</summary>
    public static IResourceBuilder<ProjectResource> WithCameraCommands(this IResourceBuilder<ProjectResource> streamHandle)
    {
        var endpoint = streamHandle.GetEndpoint("http");
        return streamHandle
            .WithCommand("add-demo", "Add a demo camera", context => AddDemoAsync(new(endpoint.Url), context.CancellationToken),
                new() { IconName = "VideoAdd", IsHighlighted = true, Description = "Records one more made-up camera." })
            .WithCommand("break-cameras", "Break the cameras", context => Task.FromResult(BreakCameras(context)),
                new()
                {
                    IconName = "VideoOff",
                    Description = "Kills the ffmpeg of every stream, as a fault of the network ends it: "
                        + "each stream tells its gap and connects again.",
                    ConfirmationMessage = "Kill the ffmpeg of every stream? A moment of each is not recorded.",
                });
    }

    private static async Task<ExecuteCommandResult> AddDemoAsync(Uri api, CancellationToken cancellationToken)
    {
        for (var number = 1; number < 1000; number++)
        {
            using var answer =
                await Http.PostAsJsonAsync(new Uri(api, "/api/streams"), new { id = $"demo-{number}", url = "demo:" }, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.Conflict) continue;
            return answer.IsSuccessStatusCode
                ? CommandResults.Success($"demo-{number} is recorded")
                : CommandResults.Failure(await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        return CommandResults.Failure("there are 999 demo cameras");
    }

    private static ExecuteCommandResult BreakCameras(ExecuteCommandContext context)
    {
        var notifications = context.Services.GetService(typeof(ResourceNotificationService)) as ResourceNotificationService;
        if (notifications is null || !notifications.TryGetCurrentState(context.ResourceName, out var now)
            || now.Snapshot.ProcessId() is not { } parent)
            return CommandResults.Failure("stream-handle does not run as a process of its own");
        using var kill = Process.Start("pkill", ["-KILL", "-P", $"{parent}", "ffmpeg"]);
        kill.WaitForExit();
        return kill.ExitCode == 0 ? CommandResults.Success("every ffmpeg was killed") : CommandResults.Failure("no ffmpeg runs");
    }

    private static async Task<ExecuteCommandResult> TellAsync(string done, Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var answer = await send();
            return answer.IsSuccessStatusCode
                ? CommandResults.Success(done)
                : CommandResults.Failure(await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException away)
        {
            return CommandResults.Failure(away.Message);
        }
    }
}
