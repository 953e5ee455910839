using System.Globalization;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>What must hold of the present object for a request to be carried out; null where nothing was asked.</summary>
internal sealed record Preconditions(
    long? GenerationMatch = null,
    long? GenerationNotMatch = null,
    long? MetagenerationMatch = null,
    long? MetagenerationNotMatch = null)
{
    public static Preconditions None { get; } = new();

    public static Preconditions FromQuery(HttpRequest request, string suffix = "Match", string prefix = "if") => new(
        Number(request, $"{prefix}Generation{suffix}"),
        Number(request, $"{prefix}GenerationNot{suffix}"),
        Number(request, $"{prefix}Metageneration{suffix}"),
        Number(request, $"{prefix}MetagenerationNot{suffix}"));

    /// <summary>The XML API's headers.</summary>
    public static Preconditions FromHeaders(HttpRequest request) => new(
        Parse("x-goog-if-generation-match", request.Headers["x-goog-if-generation-match"]),
        null,
        Parse("x-goog-if-metageneration-match", request.Headers["x-goog-if-metageneration-match"]));

    /// <summary>The query parameter as a number, null when absent.</summary>
    public static long? Number(HttpRequest request, string parameter) => Parse(parameter, request.Query[parameter]);

    /// <exception cref="StorageException">412; or 304 when a read asked for "not this one".</exception>
    public void Check(StoredObject? current, bool reading = false)
    {
        var generation = current?.Generation ?? 0;
        if (GenerationMatch is { } match && match != generation) throw StorageException.ConditionNotMet();
        if (GenerationNotMatch is { } notMatch && notMatch == generation) throw Same(reading);
        if (current is null && (MetagenerationMatch ?? MetagenerationNotMatch) is not null) throw StorageException.ConditionNotMet();
        if (MetagenerationMatch is { } meta && meta != current!.Metageneration) throw StorageException.ConditionNotMet();
        if (MetagenerationNotMatch is { } notMeta && notMeta == current!.Metageneration) throw Same(reading);
    }

    /// <summary>Of a bucket, which has no generation.</summary>
    /// <exception cref="StorageException">412; or 304 when a read asked for "not this one".</exception>
    public void Check(long metageneration, bool reading = false)
    {
        if (MetagenerationMatch is { } match && match != metageneration) throw StorageException.ConditionNotMet();
        if (MetagenerationNotMatch == metageneration) throw Same(reading);
    }

    private static StorageException Same(bool reading) =>
        reading ? StorageException.NotModified() : StorageException.ConditionNotMet();

    private static long? Parse(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StorageException.Invalid($"Invalid value for {name}: '{text}' is not a 64-bit number");
    }
}
