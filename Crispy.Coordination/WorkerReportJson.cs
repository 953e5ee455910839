using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;
using Crispy.Contracts.Api;

namespace Crispy.Coordination;

/// <summary>A worker's report as it stands in Redis, as in
/// <code>
/// {"spool":"shared","at":"2026-11-22T10:51:30+00:00","uploading":2,"broker":{"well":true},
///  "bucket":{"well":false,"since":"2026-11-22T10:51:23+00:00","reason":"The bucket cannot be reached: Connection refused."}}
/// </code></summary>
internal static class WorkerReportJson
{
    /// <summary>Characters of a worker's name at most.</summary>
    public const int LongestName = 128;

    /// <summary>Bytes of a report at most.</summary>
    public const int LongestReport = 4096;

    private const int MostCertificates = 8;
    private const int LongestCertificate = 200;
    private const int LongestReason = 500;
    private const int MostUploading = 100_000;

    /// <summary>Writes a report. A reason that is too long is cut, and becomes one line.</summary>
    public static byte[] Write(WorkerReport report)
    {
        var text = new Text(report.Spool, report.At, OneLine(report.Bucket), OneLine(report.Broker), report.Uploading,
            Short(report.Certificates));
        return JsonSerializer.SerializeToUtf8Bytes(text, WorkerReportContext.Default.Text);
    }

    /// <summary>Reads a report.</summary>
    /// <param name="replica">The name under which it stands.</param>
    /// <param name="json">What stands there; anybody may have written it.</param>
    /// <returns>Null where it is no report.</returns>
    public static WorkerReport? Read(string replica, ReadOnlySpan<byte> json)
    {
        if (!IsName(replica) || json.Length > LongestReport) return null;
        try
        {
            return JsonSerializer.Deserialize(json, WorkerReportContext.Default.Text) is
                { Spool: { } spool, Bucket: { } bucket, Broker: { } broker, Uploading: >= 0 and <= MostUploading } text
                && StreamId.IsValid(spool) && IsWhole(bucket) && IsWhole(broker)
                ? new(replica, spool, text.At.ToUniversalTime(), OneLine(bucket), OneLine(broker),
                    text.Uploading) { Certificates = Short(text.Certificates) ?? [] }
                : null;
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a worker may have this name.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= LongestName
        && name.All(each => char.IsAsciiLetterOrDigit(each) || each is '.' or '_' or '-');

    // Those that end first; none where there are none, as an older worker writes it.
    private static CertificateDuty[]? Short(IReadOnlyList<CertificateDuty?>? certificates)
    {
        var first = (certificates ?? []).OfType<CertificateDuty>().Where(each => each.Name is { Length: > 0 })
            .OrderBy(each => each.Ends).Take(MostCertificates)
            .Select(each =>
                new CertificateDuty(OneLine(each.Name)[..Math.Min(each.Name.Length, LongestCertificate)], each.Ends.ToUniversalTime()))
                .ToArray();
        return first.Length > 0 ? first : null;
    }

    // A server that is away is so since some time and for some reason.
    private static bool IsWhole(ServerView view) =>
        view.Well ? view is { Since: null, Reason: null } : view is { Since: not null, Reason.Length: > 0 };

    private static ServerView OneLine(ServerView view) =>
        view.Reason is { } reason ? view with { Since = view.Since?.ToUniversalTime(), Reason = OneLine(reason) } : view;

    private static string OneLine(string reason) =>
        string.Concat(reason.Take(LongestReason).Select(each => char.IsControl(each) ? ' ' : each));

    internal sealed record Text(string? Spool, DateTimeOffset At, ServerView? Bucket, ServerView? Broker, int Uploading,
        IReadOnlyList<CertificateDuty?>? Certificates = null);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 4)]
[JsonSerializable(typeof(WorkerReportJson.Text))]
internal sealed partial class WorkerReportContext : JsonSerializerContext;
