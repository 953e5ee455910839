using System.Globalization;
using Google.Apis.Discovery;
using Google.Apis.Requests;
using Google.Apis.Services;
using Google.Apis.Util;

namespace Google.Cloud.Storage.V1.Requests;

/// <summary>One call of the JSON API. Query parameters are set by index; those that are null are not sent.</summary>
internal sealed class StorageRequest<TResponse> : ClientServiceRequest<TResponse>
{
    private readonly object? _body;
    private readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);

    // The path stands below the service's base address, each of its segments already percent-encoded.
    public StorageRequest(IClientService service, HttpMethod method, string path, object? body = null)
        : base(service)
    {
        (HttpMethod, RestPath, _body) = (method.Method, path, body);
        InitParameters();
    }

    public override string MethodName => HttpMethod;

    public override string RestPath { get; }

    public override string HttpMethod { get; }

    [RequestParameter("query", RequestParameterType.UserDefinedQueries)]
    public IEnumerable<KeyValuePair<string, string>> Query => _query;

    public object? this[string parameter]
    {
        set
        {
            if (value is null) return;
            _query[parameter] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            RequestParameters[parameter] = new Parameter { Name = parameter, ParameterType = "query" };
        }
    }

    protected override object? GetBody() => _body;
}
