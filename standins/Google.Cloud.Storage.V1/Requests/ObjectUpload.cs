using Google.Apis.Services;
using Google.Apis.Upload;
using Google.Apis.Util;
using Object = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Storage.V1.Requests;

/// <summary>A resumable upload of one object.</summary>
internal sealed class ObjectUpload : ResumableUpload<Object, Object>
{
    private readonly UploadObjectOptions? _options;

    public ObjectUpload(IClientService service, Object destination, Stream source, UploadObjectOptions? options)
        : base(service, $"/upload/{service.BasePath}b/{{bucket}}/o", "POST", source, destination.ContentType)
    {
        Body = destination;
        _options = options;
        if (options?.ChunkSize is { } size) ChunkSize = size;
    }

    [RequestParameter("bucket", RequestParameterType.Path)]
    public string? Bucket => Body.Bucket;

    [RequestParameter("ifGenerationMatch", RequestParameterType.Query)]
    public long? IfGenerationMatch => _options?.IfGenerationMatch;

    [RequestParameter("ifMetagenerationMatch", RequestParameterType.Query)]
    public long? IfMetagenerationMatch => _options?.IfMetagenerationMatch;
}
