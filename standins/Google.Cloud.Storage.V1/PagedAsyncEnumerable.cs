namespace Google.Api.Gax;

/// <summary>Resources that arrive page by page; the next page is asked for only when it is reached.</summary>
/// <typeparam name="TResponse">One page as the service answers it.</typeparam>
/// <typeparam name="TResource">What the pages hold.</typeparam>
public abstract class PagedAsyncEnumerable<TResponse, TResource> : IAsyncEnumerable<TResource>
{
    /// <summary>The pages themselves.</summary>
    public virtual IAsyncEnumerable<TResponse> AsRawResponses() => throw new NotImplementedException();

    /// <inheritdoc />
    public virtual IAsyncEnumerator<TResource> GetAsyncEnumerator(CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
