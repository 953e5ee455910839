using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.Cli.Api;

/// <summary>Crispy's API over HTTP. The token goes to its address and nowhere else.</summary>
internal sealed class ApiClient : IDisposable
{
    private const int PageSize = 1000;
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http;

    /// <param name="address">Where it is.</param>
    /// <param name="token">The bearer token; null for none.</param>
    public ApiClient(ApiAddress address, string? token)
    {
        (Address, Token) = (address, token);
        // Not followed: a page to sign in at is no answer, and the token is for this address alone.
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectPatience }) { BaseAddress = address.Url,
            Timeout = Patience };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Where it is.</summary>
    public ApiAddress Address { get; }

    /// <summary>The bearer token; null for none.</summary>
    public string? Token { get; }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="RefusedException">Another status than 2xx.</exception>
    /// <exception cref="UnreachableException">No answer.</exception>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>Sends JSON.</summary>
    /// <returns>The answer; an empty object where there is none.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode) throw Refusal(answer, path, text);
        try
        {
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException)
        {
            throw new RefusedException((int)answer.StatusCode,
                $"{Address} answered {path} with something that is no JSON: it is no Crispy API");
        }
    }

    /// <summary>Reads text.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<string> TextAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = await SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode ? text : throw Refusal(answer, path, text);
    }

    /// <summary>Copies an answer.</summary>
    /// <returns>Its content type.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<string?> CopyAsync(string path, Stream destination, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = await SendAsync(request, cancellation);
        if (!answer.IsSuccessStatusCode) throw Refusal(answer, path, await answer.Content.ReadAsStringAsync(cancellation));
        await answer.Content.CopyToAsync(destination, cancellation);
        return answer.Content.Headers.ContentType?.ToString();
    }

    /// <summary>All items of a list, page by page.</summary>
    /// <param name="path">Path, with its query if it has one.</param>
    /// <param name="most">No more than so many.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="away">Takes note of what the pages lack; null where nobody asks.</param>
    /// <inheritdoc cref="GetAsync"/>
    public async IAsyncEnumerable<JsonNode> ItemsAsync(string path, int most,
        [EnumeratorCancellation] CancellationToken cancellation, AwayNote? away = null)
    {
        string? after = null;
        for (var left = most; left > 0;)
        {
            var query = string.Create(CultureInfo.InvariantCulture,
                $"{path}{(path.Contains('?') ? '&' : '?')}limit={Math.Min(left, PageSize)}");
            var page = await GetAsync(after is null ? query : $"{query}&after={Uri.EscapeDataString(after)}", cancellation);
            if (page["items"] is not JsonArray items)
                throw new RefusedException(200, $"{Address} answered {path} with no list: it is no Crispy API");
            away?.Read(page);
            foreach (var item in items.OfType<JsonNode>())
            {
                yield return item;
                left--;
            }
            after = (string?)page["next"];
            if (after is null) yield break;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, cancellation);
        }
        catch (HttpRequestException away)
        {
            throw new UnreachableException($"cannot reach the API at {Address}: {Innermost(away)}", away);
        }
        catch (TaskCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new UnreachableException($"cannot reach the API at {Address}: no answer in time", late);
        }
    }

    private RefusedException Refusal(HttpResponseMessage answer, string path, string text)
    {
        var status = (int)answer.StatusCode;
        // A role that does not suffice is said with the role that would.
        if (status is 403 && IsOfType(text, ProblemTypes.NotAllowed) && Problem(text, answer.ReasonPhrase) is { } sentence)
            return new(status, sentence);
        if (status is 401 or 403 or (>= 300 and < 400)) return new(status is 403 ? 403 : 401, Token is null
            ? $"the API at {Address} wants a token: {ApiOptions.TokenVariable} or --token-file"
            : $"the API at {Address} does not take this token");
        return new(status, Problem(text, answer.ReasonPhrase) ?? (status == 404
            ? $"{Address} does not know {path.Split('?')[0]}: the archive is served by the console, not by stream-handle"
            : $"{Address} answered {path.Split('?')[0]} with {status} {answer.ReasonPhrase}"));
    }

    private static bool IsOfType(string text, string type)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject problem && (string?)problem["type"] == type;
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    // RFC 9457: title, detail, and errors by field.
    private static string? Problem(string text, string? phrase)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject problem) return null;
            if (problem["errors"] is JsonObject { Count: > 0 } errors)
                return string.Join("; ",
                    errors.SelectMany(field => (field.Value as JsonArray ?? [])
                        .Select(message => field.Key is "$" ? $"{message}" : $"{field.Key}: {message}")));
            // A title that is the status' own words says nothing.
            return (string?)problem["detail"] ?? ((string?)problem["title"] is { } title && title != phrase ? title : null);
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception.Message;
    }
}
