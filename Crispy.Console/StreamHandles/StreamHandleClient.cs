using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Console.People;

namespace Crispy.Console.StreamHandles;

/// <summary>Asks stream-handles: their HTTP API with the console's token. It retries nothing; a person, or the feed's loop, does.</summary>
public sealed class StreamHandleClient(HttpMessageInvoker transport, AccessToken token)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>All streams of one stream-handle.</summary>
    public async Task<IReadOnlyList<StreamReport>> ListStreamsAsync(Uri streamHandle, CancellationToken stop = default)
    {
        List<StreamReport> all = [];
        string? after = null;
        do
        {
            var page = await GetAsync<Page<StreamReport>>(streamHandle, $"/api/streams?limit={PageSize}{After(after)}", stop);
            all.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>Begins to read the events of one stream-handle.</summary>
    public async Task<HttpResponseMessage> OpenEventsAsync(Uri streamHandle, CancellationToken stop) =>
        await SendAsync(streamHandle, HttpMethod.Get, "/api/events", null, stop, "text/event-stream");

    /// <summary>Reads JSON.</summary>
    /// <exception cref="RefusedException">It was refused.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<T> GetAsync<T>(Uri streamHandle, string path, CancellationToken stop = default)
    {
        using var limit = Within(stop);
        using var answer = await SendAsync(streamHandle, HttpMethod.Get, path, null, limit.Token);
        return await ReadAsync<T>(answer, limit.Token);
    }

    /// <summary>Sends JSON, or nothing, and reads the answer; null where it is empty.</summary>
    /// <exception cref="RefusedException">It was refused.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <param name="streamHandle">The stream-handle.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">What to send; null sends nothing.</param>
    /// <param name="ifMatch">The version to change; null changes the one that is there.</param>
    /// <param name="stop">Ends the asking.</param>
    public async Task<JsonNode?> SendAsync(Uri streamHandle, HttpMethod method, string path, object? body = null, long? ifMatch = null,
        CancellationToken stop = default)
    {
        using var limit = Within(stop);
        using var content = body is null ? null : JsonContent.Create(body, body.GetType(), options: ApiJson.Options);
        using var answer = await SendAsync(streamHandle, method, path, content, limit.Token, ifMatch: ifMatch);
        var text = await answer.Content.ReadAsStringAsync(limit.Token);
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    /// <summary>Whether a failure says that a stream-handle gave no answer that can be used: unlike a <see cref="RefusedException"/>, with
    /// which it refused. A cancellation counts unless it was the asker's own.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="asker">The asker's own.</param>
    public static bool IsNoAnswer(Exception failure, CancellationToken asker) =>
        failure is HttpRequestException or IOException or JsonException
        || (failure is OperationCanceledException && !asker.IsCancellationRequested);

    /// <summary>Why one could not be asked, in words.</summary>
    public static string Reason(Exception failure) => failure is OperationCanceledException ? "it did not answer in time" : failure.Message;

    /// <summary>A stream-handle's address as it may be told: never with a password that it may hold.</summary>
    public static string Redacted(Uri streamHandle) => streamHandle.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static string After(string? cursor) => cursor is null ? "" : $"&after={Uri.EscapeDataString(cursor)}";

    private static CancellationTokenSource Within(CancellationToken stop)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Limit);
        return limit;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken stop) =>
        await answer.Content.ReadFromJsonAsync<T>(ApiJson.Options, stop)
        ?? throw new RefusedException(502, "stream-handle answered with nothing");

    private async Task<HttpResponseMessage> SendAsync(Uri streamHandle, HttpMethod method, string path, HttpContent? content,
        CancellationToken stop, string accept = "application/json",
        long? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(streamHandle, path)) { Content = content };
        request.Headers.Accept.Add(new(accept));
        if (ifMatch is { } version) request.Headers.IfMatch.Add(new($"\"{version}\""));
        if (token.Value is { } bearer) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        var answer = await transport.SendAsync(request, stop);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await RefusalAsync(answer, stop);
    }

    // Problem details (RFC 9457): title, detail, and per field what is wrong.
    private static async Task<RefusedException> RefusalAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        var status = (int)answer.StatusCode;
        try
        {
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(stop)) as JsonObject;
            var errors =
                (problem?["errors"] as JsonObject)?.ToDictionary(pair => pair.Key, pair => pair.Value.Deserialize<string[]>() ?? []);
            var message = (string?)problem?["detail"]
                ?? (errors is { Count: > 0 } ? string.Join(" ", errors.SelectMany(pair => pair.Value)) : null)
                ?? (string?)problem?["title"];
            return new(status, message ?? $"stream-handle answered with {status}", errors);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return new(status, $"stream-handle answered with {status} {answer.ReasonPhrase}");
        }
    }
}
