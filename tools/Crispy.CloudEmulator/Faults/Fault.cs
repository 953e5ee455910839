using System.Text.Json;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Faults;

/// <summary>What goes wrong with a request that a fault matches.</summary>
internal enum FaultKind
{
    /// <summary>It is answered with an error.</summary>
    Status,

    /// <summary>The connection is reset before anything is read or answered.</summary>
    ResetBeforeBody,

    /// <summary>The connection is reset in the middle of the body: the request's if it has one, else the answer's.</summary>
    ResetMidBody,

    /// <summary>No answer, until the caller gives up or the faults are cleared.</summary>
    Stall,

    /// <summary>Served, but not before the faults are cleared.</summary>
    Slow,

    /// <summary>Sent to the same address once more, by 307.</summary>
    Redirect,

    /// <summary>A well-formed answer that lacks the second half of its body.</summary>
    Truncate,

    /// <summary>The answer shows another CRC32C than the object has.</summary>
    WrongCrc,

    /// <summary>A part of an object comes with the checksum of the whole, which the service does not send.</summary>
    WholeHash,
}

/// <summary>A failure to come: which requests, how many of them, and how.</summary>
internal sealed class Fault
{
    private readonly string? _method;
    private readonly string? _path;
    private readonly string? _pathContains;
    private readonly string? _queryContains;
    private readonly string? _uploadType;
    private int _left;

    private Fault(JsonElement json)
    {
        var match = json.TryGetProperty("match", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        if (match.ValueKind == JsonValueKind.Object)
        {
            _method = JsonBody.Text(match, "method");
            _path = JsonBody.Text(match, "path");
            _pathContains = JsonBody.Text(match, "pathContains");
            _queryContains = JsonBody.Text(match, "queryContains");
            _uploadType = JsonBody.Text(match, "uploadType");
        }
        var kind = JsonBody.Text(json, "fault");
        if (!Enum.TryParse<FaultKind>(kind, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
        {
            var kinds = Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.CamelCase.ConvertName);
            throw StorageException.Invalid($"fault '{kind}' is none of {string.Join(", ", kinds)}");
        }
        Kind = parsed;
        _left = Number(json, "times", 1);
        Status = Number(json, "status", 503);
        AfterBytes = Number(json, "afterBytes", 0);
        AfterStore = json.TryGetProperty("afterStore", out var after) && after.ValueKind == JsonValueKind.True;
        if (Status is < 400 or > 599) throw StorageException.Invalid($"status {Status} is not within 400 to 599");
    }

    public FaultKind Kind { get; }

    public int Status { get; }

    /// <summary>Bytes of the request's body that are read before an error is answered; the rest is not.</summary>
    public int AfterBytes { get; }

    /// <summary>The request is carried out first: only its answer fails.</summary>
    public bool AfterStore { get; }

    /// <summary>Requests still to fail.</summary>
    public int Left => Math.Max(0, Volatile.Read(ref _left));

    public static Fault Parse(JsonElement json) => new(json);

    /// <summary>True for a request that is to fail now; it is counted.</summary>
    public bool Takes(HttpRequest request, string rawPath) =>
        (_method is null || _method.Equals(request.Method, StringComparison.OrdinalIgnoreCase))
        && (_path is null || _path == rawPath)
        && (_pathContains is null || rawPath.Contains(_pathContains, StringComparison.Ordinal)
            || Uri.UnescapeDataString(rawPath).Contains(_pathContains, StringComparison.Ordinal))
        && (_queryContains is null
            || Uri.UnescapeDataString(request.QueryString.Value ?? "").Contains(_queryContains, StringComparison.Ordinal))
        && (_uploadType is null || request.Query["uploadType"] == _uploadType)
        && Left > 0
        && Interlocked.Decrement(ref _left) >= 0;

    private static int Number(JsonElement json, string property, int otherwise)
    {
        if (!json.TryGetProperty(property, out var value)) return otherwise;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw StorageException.Invalid($"{property} is not a number from 0");
    }
}
