namespace Google.Cloud.Storage.V1;

public sealed partial class UrlSigner
{
    private static readonly Dictionary<string, IReadOnlyCollection<string>> None = [];

    /// <summary>The request that a signed URL allows. Immutable.</summary>
    public sealed class RequestTemplate
    {
        private RequestTemplate(string bucket) => Bucket = bucket;

        private RequestTemplate(RequestTemplate other)
        {
            Bucket = other.Bucket;
            ObjectName = other.ObjectName;
            HttpMethod = other.HttpMethod;
            RequestHeaders = other.RequestHeaders;
            QueryParameters = other.QueryParameters;
        }

        /// <summary>The bucket's name.</summary>
        public string Bucket { get; private init; }

        /// <summary>The object's name; null for the bucket itself.</summary>
        public string? ObjectName { get; private init; }

        /// <summary>The method, GET by default (which allows HEAD as well).</summary>
        public HttpMethod HttpMethod { get; private init; } = HttpMethod.Get;

        /// <summary>The headers that the request must carry.</summary>
        public IReadOnlyDictionary<string, IReadOnlyCollection<string>> RequestHeaders { get; private init; } = None;

        /// <summary>The query parameters that the request must carry.</summary>
        public IReadOnlyDictionary<string, IReadOnlyCollection<string>> QueryParameters { get; private init; } = None;

        /// <summary>A GET of a bucket.</summary>
        public static RequestTemplate FromBucket(string bucket)
        {
            ArgumentNullException.ThrowIfNull(bucket);
            return new(bucket);
        }

        /// <summary>The same with another bucket.</summary>
        public RequestTemplate WithBucket(string bucket)
        {
            ArgumentNullException.ThrowIfNull(bucket);
            return new(this) { Bucket = bucket };
        }

        /// <summary>The same with an object.</summary>
        public RequestTemplate WithObjectName(string? objectName) => new(this) { ObjectName = objectName };

        /// <summary>The same with a method, GET where null.</summary>
        public RequestTemplate WithHttpMethod(HttpMethod? method) => new(this) { HttpMethod = method ?? HttpMethod.Get };

        /// <summary>The same with headers, none where null.</summary>
        public RequestTemplate WithRequestHeaders(IReadOnlyDictionary<string, IReadOnlyCollection<string>>? requestHeaders) =>
            new(this) { RequestHeaders = requestHeaders ?? None };

        /// <summary>The same with query parameters, none where null.</summary>
        public RequestTemplate WithQueryParameters(IReadOnlyDictionary<string, IReadOnlyCollection<string>>? queryParameters) =>
            new(this) { QueryParameters = queryParameters ?? None };
    }
}
