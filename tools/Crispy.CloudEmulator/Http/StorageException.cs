namespace Crispy.CloudEmulator.Http;

/// <summary>An answer that is not success, in Cloud Storage's terms: the JSON API shows the reason, the XML API the code.</summary>
internal sealed class StorageException(int status, string reason, string xmlCode, string message, string? details = null)
    : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>The JSON API's <c>errors[].reason</c>.</summary>
    public string Reason { get; } = reason;

    /// <summary>The XML API's <c>Code</c>.</summary>
    public string XmlCode { get; } = xmlCode;

    /// <summary>The XML API's <c>Details</c>.</summary>
    public string? Details { get; } = details;

    /// <summary>Further elements of the XML answer, name and text.</summary>
    public IReadOnlyList<(string Name, string Text)> Extra { get; init; } = [];

    /// <summary>The XML API's <c>Message</c>, where it is another than the JSON API's.</summary>
    public string? XmlMessage { get; init; }

    /// <summary>Becomes <c>Content-Range</c>.</summary>
    public string? ContentRange { get; init; }

    public static StorageException Invalid(string message) => new(400, "invalid", "InvalidArgument", message);

    public static StorageException Required(string parameter) =>
        new(400, "required", "InvalidArgument", $"Required parameter: {parameter}");

    public static StorageException NoBucket(string bucket) =>
        new(404, "notFound", "NoSuchBucket", "The specified bucket does not exist.", $"Bucket: {bucket}");

    public static StorageException NoObject(string bucket, string name) =>
        new(404, "notFound", "NoSuchKey", $"No such object: {bucket}/{name}",
            $"No such object: {bucket}/{name}") { XmlMessage = "The specified key does not exist." };

    public static StorageException NotFound(string message) => new(404, "notFound", "NoSuchKey", message);

    public static StorageException ConditionNotMet() =>
        new(412, "conditionNotMet", "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.");

    public static StorageException Held(string bucket, string name, string hold) =>
        new(403, "objectUnderActiveHold", "ObjectUnderActiveHold",
        $"Object '{bucket}/{name}' is under active {hold} hold and cannot be deleted, overwritten or archived until hold is removed.");

    public static StorageException NotModified() => new(304, "notModified", "NotModified", "Not Modified");

    public static StorageException Conflict(string xmlCode, string message) => new(409, "conflict", xmlCode, message);

    public static StorageException UniformAccess() => Invalid(
        "Cannot get legacy ACL for an object when uniform bucket-level access is enabled. Read more at "
            + "https://cloud.google.com/storage/docs/uniform-bucket-level-access");

    public static StorageException MethodNotAllowed() =>
        new(405, "methodNotAllowed", "MethodNotAllowed", "The specified method is not allowed against this resource.");
}
