using System.Net.Http.Headers;
using Google.Apis.Upload;

namespace Google.Cloud.Storage.V1;

/// <summary>Options of creating a bucket.</summary>
public sealed class CreateBucketOptions;

/// <summary>Options of reading a bucket.</summary>
public sealed class GetBucketOptions;

/// <summary>Options of creating a notification configuration.</summary>
public sealed class CreateNotificationOptions;

/// <summary>Options of listing notification configurations.</summary>
public sealed class ListNotificationsOptions;

/// <summary>Options of an upload; preconditions that do not hold are answered with 412.</summary>
public sealed class UploadObjectOptions
{
    /// <summary>Chunks must be multiples of this, in bytes.</summary>
    public const int MinimumChunkSize = ResumableUpload.MinimumChunkSize;

    /// <summary>Only if the existing object has this generation; 0: only if there is none.</summary>
    public long? IfGenerationMatch { get; set; }

    /// <summary>Only if the existing object's metadata has this generation.</summary>
    public long? IfMetagenerationMatch { get; set; }

    /// <summary>Bytes a request, a multiple of <see cref="MinimumChunkSize"/>.</summary>
    /// <exception cref="ArgumentException">It is no positive multiple of that.</exception>
    public int? ChunkSize
    {
        get;
        set => field = value is null || (value > 0 && value % MinimumChunkSize == 0)
            ? value
            : throw new ArgumentException($"Chunk size {value} is not a positive multiple of {MinimumChunkSize}", nameof(value));
    }
}

/// <summary>Options of reading an object's resource.</summary>
public sealed class GetObjectOptions
{
    /// <summary>This generation instead of the newest.</summary>
    public long? Generation { get; set; }

    /// <summary>Only if the object has this generation.</summary>
    public long? IfGenerationMatch { get; set; }
}

/// <summary>Whether a download is held against the checksum that the service tells.</summary>
public enum DownloadValidationMode
{
    /// <summary>It is; another checksum is an <see cref="IOException"/>.</summary>
    Always = 0,

    /// <summary>It is not.</summary>
    Never = 1,
}

/// <summary>Options of a download.</summary>
public sealed class DownloadObjectOptions
{
    /// <summary>Bytes a request; 10 MiB where null.</summary>
    public int? ChunkSize { get; set; }

    /// <summary><see cref="V1.DownloadValidationMode.Always"/> where null.</summary>
    public DownloadValidationMode? DownloadValidationMode { get; set; }

    /// <summary>This generation instead of the newest.</summary>
    public long? Generation { get; set; }

    /// <summary>Only if the object has this generation.</summary>
    public long? IfGenerationMatch { get; set; }

    /// <summary>Only these bytes.</summary>
    public RangeHeaderValue? Range { get; set; }
}

/// <summary>Options of a listing.</summary>
public sealed class ListObjectsOptions
{
    /// <summary>Names that hold this after the prefix are folded into <c>Prefixes</c>.</summary>
    public string? Delimiter { get; set; }

    /// <summary>Only names before this one, by their UTF-8 bytes.</summary>
    public string? EndOffset { get; set; }

    /// <summary>A partial response: <c>items(name,size),nextPageToken</c>. Without <c>nextPageToken</c> there is only one page.</summary>
    public string? Fields { get; set; }

    /// <summary>Most objects a page.</summary>
    public int? PageSize { get; set; }

    /// <summary>Where an earlier listing stopped.</summary>
    public string? PageToken { get; set; }

    /// <summary>Only this name and those after it, by their UTF-8 bytes.</summary>
    public string? StartOffset { get; set; }
}

/// <summary>Options of a deletion.</summary>
public sealed class DeleteObjectOptions
{
    /// <summary>This generation instead of the newest.</summary>
    public long? Generation { get; set; }

    /// <summary>Only if the object has this generation.</summary>
    public long? IfGenerationMatch { get; set; }
}

/// <summary>Options of a change of metadata.</summary>
public sealed class PatchObjectOptions
{
    /// <summary>Only if the object has this generation.</summary>
    public long? IfGenerationMatch { get; set; }

    /// <summary>Only if the object's metadata has this generation.</summary>
    public long? IfMetagenerationMatch { get; set; }
}
