using Google.Api.Gax;
using Google.Apis.Storage.v1.Data;
using Object = Google.Apis.Storage.v1.Data.Object;

namespace Google.Cloud.Storage.V1.Requests;

/// <summary>A listing that asks for one page after the other.</summary>
/// <param name="request">The request for a page by its token, null for the first.</param>
internal sealed class ObjectListing(Func<string?, StorageRequest<Objects>> request) : PagedAsyncEnumerable<Objects, Object>
{
    public override IAsyncEnumerable<Objects> AsRawResponses() => PagesAsync();

    public override async IAsyncEnumerator<Object> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var page in PagesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in page.Items ?? []) yield return item;
        }
    }

    private async IAsyncEnumerable<Objects> PagesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? token = null;
        do
        {
            var page = await request(token).ExecuteAsync(cancellationToken).ConfigureAwait(false);
            token = page.NextPageToken;
            yield return page;
        }
        while (!string.IsNullOrEmpty(token));
    }
}
