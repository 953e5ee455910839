using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Crispy.Bench.Upload;

/// <summary>Uploads in the two ways of Cloud Storage's JSON API, each restarted at once when the connection breaks. A multipart upload
/// restarts from its first byte, a resumable one from where the bucket says
/// (<see href="https://cloud.google.com/storage/docs/performing-resumable-uploads"/>).</summary>
internal sealed class UploadClient(string address) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };

    public async Task MultipartAsync(byte[] bytes)
    {
        while (true)
        {
            if (await TryAsync(HttpMethod.Post, $"{address}/upload?uploadType=multipart", new(bytes), null) is { } answer)
            {
                using (answer) answer.EnsureSuccessStatusCode();
                return;
            }
        }
    }

    public async Task ResumableAsync(byte[] bytes)
    {
        string session;
        using (var begun = await TryAsync(HttpMethod.Post, $"{address}/upload?uploadType=resumable", new([]), null))
            session = begun?.Headers.Location?.ToString() ?? throw new InvalidOperationException("no session");
        for (var offset = 0; ;)
        {
            var rest = new ContentRangeHeaderValue(offset, bytes.Length - 1, bytes.Length);
            using var sent = await TryAsync(HttpMethod.Put, session, new(bytes, offset, bytes.Length - offset), rest);
            if (sent?.StatusCode == HttpStatusCode.OK) return;
            using var state = await TryAsync(HttpMethod.Put, session, new([]), new ContentRangeHeaderValue(bytes.Length));
            if (state?.StatusCode == HttpStatusCode.OK) return;
            if (state is not null) offset = Kept(state);
        }
    }

    public void Dispose() => _http.Dispose();

    private static int Kept(HttpResponseMessage state) =>
        state.Headers.TryGetValues("Range", out var ranges) ? int.Parse(ranges.First().Split('-')[1], CultureInfo.InvariantCulture) + 1 : 0;

    // Null where the connection broke.
    private async Task<HttpResponseMessage?> TryAsync(
        HttpMethod method, string url, ByteArrayContent content, ContentRangeHeaderValue? range)
    {
        content.Headers.ContentRange = range;
        using var request = new HttpRequestMessage(method, url) { Content = content };
        try
        {
            return await _http.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
