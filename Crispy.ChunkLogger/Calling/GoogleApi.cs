using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Polly;
using Polly.Retry;

namespace Crispy.ChunkLogger.Calling;

/// <summary>Calls methods of Google's REST APIs (JSON in, JSON out) with a credential. Transient trouble (408, 429, 5xx, no answer) is
/// tried again within seconds; what lasts longer is the business of the event, which comes again.</summary>
internal sealed class GoogleApi : IDisposable
{
    private const int Retries = 3;
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private readonly HttpClient _client;
    private readonly ResiliencePipeline _inPlace;

    /// <param name="credential">Whose access token is sent; none where null.</param>
    /// <param name="time">What pauses are measured by.</param>
    public GoogleApi(GoogleCredential? credential, TimeProvider time)
    {
        var arguments = new CreateHttpClientArgs { ApplicationName = "crispy-chunk-logger" };
        if (credential is not null) arguments.Initializers.Add(Scoped(credential));
        _client = new HttpClientFactory().CreateHttpClient(arguments);
        _client.Timeout = Timeout.InfiniteTimeSpan;
        _inPlace = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<RefusedCallException>(refused => refused.IsTransient),
                MaxRetryAttempts = Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(250),
                MaxDelay = LongestPause,
                UseJitter = true,
                DelayGenerator = attempt =>
                    ValueTask.FromResult(attempt.Outcome.Exception?.Data[nameof(RetryConditionHeaderValue)] as TimeSpan?),
            })
            .Build();
    }

    /// <summary>Posts JSON and returns the JSON of the answer.</summary>
    /// <param name="address">The method.</param>
    /// <param name="what">What it does, for the message of a failure: <c>signing as someone@project</c>.</param>
    /// <param name="json">The request.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="RefusedCallException">It was refused, or did not succeed in any attempt.</exception>
    public async Task<JsonElement> PostAsync(Uri address, string what, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        await _inPlace.ExecuteAsync(async token => await TryAsync(address, what, json, token), cancellationToken)
        ;

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    // With a key at hand the token is signed here, and not fetched (https://google.aip.dev/auth/4111).
    private static GoogleCredential Scoped(GoogleCredential credential)
    {
        var scoped = credential.CreateScoped("https://www.googleapis.com/auth/cloud-platform");
        return scoped.UnderlyingCredential is ServiceAccountCredential key
            ? key.WithUseJwtAccessWithScopes(true).ToGoogleCredential()
            : scoped;
    }

    private async Task<JsonElement> TryAsync(Uri address, string what, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AttemptLimit);
        try
        {
            using var content = new ReadOnlyMemoryContent(json) { Headers = { ContentType = new("application/json") } };
            using var answer = await _client.PostAsync(address, content, limit.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token);
            if (!answer.IsSuccessStatusCode) throw Refused(what, answer, body);
            using var parsed = JsonDocument.Parse(body);
            return parsed.RootElement.Clone();
        }
        catch (Exception unanswered) when (!cancellationToken.IsCancellationRequested
            && unanswered is HttpRequestException or IOException or OperationCanceledException or JsonException
            or Google.Apis.Auth.OAuth2.Responses.TokenResponseException)
        {
            throw new RefusedCallException($"{what}: {address.Host} gave no answer that can be used: {unanswered.Message}", null,
                unanswered);
        }
    }

    private static RefusedCallException Refused(string what, HttpResponseMessage answer, byte[] body)
    {
        var refused =
            new RefusedCallException($"{what}: {(int)answer.StatusCode} {ErrorMessage(body) ?? answer.ReasonPhrase}", answer.StatusCode);
        if (answer.Headers.RetryAfter?.Delta is { } pause)
            refused.Data[nameof(RetryConditionHeaderValue)] = pause < LongestPause ? pause : LongestPause;
        return refused;
    }

    // {"error":{"code":403,"message":"..","status":"PERMISSION_DENIED"}}: https://cloud.google.com/apis/design/errors
    private static string? ErrorMessage(byte[] body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            return answer.RootElement.GetProperty("error").GetProperty("message").GetString();
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }
}
