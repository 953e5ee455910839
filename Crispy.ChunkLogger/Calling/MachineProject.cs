using Google.Apis.Auth.OAuth2;

namespace Crispy.ChunkLogger.Calling;

/// <summary>The project that the process runs in, by the metadata server
/// (<see href="https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys"/>): Cloud Run sets no variable for it.</summary>
internal static class MachineProject
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns>The project's id; null where no metadata server tells it, or the credential says that there is none.</returns>
    public static string? Find(GoogleCredential credential)
    {
        if (credential.UnderlyingCredential is not ComputeCredential) return null;
        var host = Environment.GetEnvironmentVariable("GCE_METADATA_HOST") is { Length: > 0 } given ? given : "169.254.169.254";
        using var client = new HttpClient { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get,
            $"http://{host}/computeMetadata/v1/project/project-id") { Headers = { { "Metadata-Flavor", "Google" } } };
        try
        {
            using var answer = client.Send(request);
            using var text = new StreamReader(answer.Content.ReadAsStream());
            return answer.IsSuccessStatusCode && text.ReadToEnd().Trim() is { Length: > 0 } project ? project : null;
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }
}
