namespace Google.Cloud.Storage.V1;

/// <summary>How URLs are signed.</summary>
public enum SigningVersion
{
    /// <summary>The library's choice, which is V4.</summary>
    Default = 0,

    /// <summary>Version 4: <see href="https://cloud.google.com/storage/docs/access-control/signed-urls"/>.</summary>
    V4 = 2,
}
