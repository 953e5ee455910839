using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Crispy.Console.Notifying;

/// <summary>What a target said to a request.</summary>
/// <param name="Status">The HTTP status; null where it did not answer.</param>
/// <param name="Error">Why the notice was not taken; null where it was.</param>
/// <param name="RetryAfter">When it wants to be asked again; null where it did not say.</param>
internal sealed record WebhookAnswer(int? Status, string? Error, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether it took the notice.</summary>
    public bool IsTaken => Error is null;

    /// <summary>Whether it wants no more of them.</summary>
    public bool IsGone => Status == StatusCodes.Status410Gone;

    /// <summary>Whether the notice itself was not judged: nobody answered, or nobody who could.</summary>
    public bool MetNobody => Status is null or 408 or 429 or >= 500;
}

/// <summary>Sends one request by the Standard Webhooks specification. It retries nothing and follows no redirect.</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>How long a target has to answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const int MostSaid = 200;

    private readonly HttpMessageInvoker _transport;
    private readonly TimeProvider _clock;

    /// <param name="clock">The clock.</param>
    /// <param name="met">Told of each certificate that a server shows: its host, and until when it holds.</param>
    public WebhookSender(TimeProvider clock, Action<string, DateTimeOffset> met)
    {
        _clock = clock;
        _transport = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = Patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            // No spans: they would tell the address, which is a secret, to those who keep the traces.
            ActivityHeadersPropagator = null,
            SslOptions = new() { RemoteCertificateValidationCallback = (stream, certificate, _, errors) =>
                Judge(stream, certificate, errors, met) },
        });
    }

    /// <summary>Sends a notice.</summary>
    public async Task<WebhookAnswer> SendAsync(NotifyTarget target, Notice notice, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            using var request = Request(target, notice);
            using var answer = await _transport.SendAsync(request, either.Token);
            if (answer.IsSuccessStatusCode) return new((int)answer.StatusCode, null);
            return new((int)answer.StatusCode, $"it answered {(int)answer.StatusCode}{await SaidAsync(target, answer, either.Token)}",
                RetryAfter(answer));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, FormattableString.Invariant($"it did not answer within {Patience.TotalSeconds} s"));
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or AuthenticationException)
        {
            var why = Innermost(failed).Message;
            return new(null, target.MayShow(why) ? why : "it cannot be reached");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    private HttpRequestMessage Request(NotifyTarget target, Notice notice)
    {
        var (body, now) = (target.Body.Render(notice), _clock.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(target.Body.ContentType);
        request.Headers.UserAgent.Add(new("Crispy", typeof(WebhookSender).Assembly.GetName().Version?.ToString(3)));
        request.Headers.Add("webhook-id", notice.Id);
        request.Headers.Add("webhook-timestamp", WebhookSecret.Timestamp(now));
        if (target.Secret is { } secret) request.Headers.Add("webhook-signature", secret.Sign(notice.Id, now, body));
        if (target.Url.UserInfo is { Length: > 0 } user)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));
        return request;
    }

    // A receiver's own words help where a template is wrong. Those that repeat a secret are left out.
    private static async Task<string> SaidAsync(NotifyTarget target, HttpResponseMessage answer, CancellationToken stop)
    {
        if (answer.StatusCode is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest)
            return ", a redirect, which is not followed";
        var buffer = new byte[4 * MostSaid];
        await using var body = await answer.Content.ReadAsStreamAsync(stop);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);
        var text = Wording.Plain(Encoding.UTF8.GetString(buffer, 0, length)).Trim();
        if (text.Length == 0 || !target.MayShow(text)) return "";
        return $": {(text.Length > MostSaid ? text[..MostSaid] + "…" : text)}";
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter is not { } retry ? null : retry.Delta ?? (retry.Date is { } date ? date - _clock.GetUtcNow() : null);

    private static bool Judge(object stream, X509Certificate? certificate, SslPolicyErrors errors, Action<string, DateTimeOffset> met)
    {
        if (certificate is X509Certificate2 shown && stream is SslStream connection) met(connection.TargetHostName,
            shown.NotAfter.ToUniversalTime());
        return errors == SslPolicyErrors.None;
    }

    private static Exception Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner) failure = inner;
        return failure;
    }
}
