using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Crispy.Testing;

namespace Crispy.CloudEmulator.Tests;

public class ResumableTests
{
    private const int Unit = 256 * 1024;

    [Fact]
    public async Task Chunks_of_unknown_total_add_up()
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(2 * Unit + 100);
        var session = await StartAsync(emulator, "r");
        using (var first = await PutAsync(emulator, session, bytes[..Unit], $"bytes 0-{Unit - 1}/*")) AssertMore(first, Unit);
        using (var second = await PutAsync(emulator, session, bytes[Unit..(2 * Unit)], $"bytes {Unit}-{2 * Unit - 1}/*"))
            AssertMore(second, 2 * Unit);
        using var last = await PutAsync(emulator, session, bytes[(2 * Unit)..], $"bytes {2 * Unit}-{bytes.Length - 1}/{bytes.Length}");
        var stored = await Emulator.JsonAsync(last);
        Assert.Equal(Convert.ToBase64String(MD5.HashData(bytes)), stored.GetProperty("md5Hash").GetString());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("r")));
        using var status = await PutAsync(emulator, session, [], "bytes */*");
        Assert.Equal(stored.GetProperty("generation").GetString(),
            (await Emulator.JsonAsync(status)).GetProperty("generation").GetString());
    }

    [Fact]
    public async Task A_single_request_without_range_is_the_whole()
    {
        await using var emulator = await Emulator.StartAsync();
        var session = await StartAsync(emulator, "r", size: 1000);
        using var all = await PutAsync(emulator, session, Sample.Bytes(1000), null);
        Assert.Equal("1000", (await Emulator.JsonAsync(all)).GetProperty("size").GetString());
    }

    [Fact]
    public async Task An_interrupted_upload_goes_on_where_the_server_says_even_after_a_restart()
    {
        using var folder = new TempFolder();
        var bytes = Sample.Bytes(4 * Unit);
        string path;
        int received;
        await using (var emulator = await Emulator.StartOnAsync(folder))
        {
            path = (await StartAsync(emulator, "r")).PathAndQuery;
            await emulator.FaultAsync(new { match = new { method = "PUT" }, times = 1, fault = "resetMidBody" });
            await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
                PutAsync(emulator, new Uri(emulator.Uri, path), bytes, $"bytes 0-{bytes.Length - 1}/{bytes.Length}"));
            using var status = await PutAsync(emulator, new Uri(emulator.Uri, path), [], $"bytes */{bytes.Length}");
            Assert.Equal(HttpStatusCode.PermanentRedirect, status.StatusCode);
            received = int.Parse(Assert.Single(status.Headers.GetValues("Range")).Split('-')[1]) + 1;
            Assert.InRange(received, Unit, 3 * Unit);
            Assert.Empty(emulator.Files());
        }
        await using (var emulator = await Emulator.StartOnAsync(folder))
        {
            using var rest = await PutAsync(emulator, new Uri(emulator.Uri, path), bytes[received..],
                $"bytes {received}-{bytes.Length - 1}/{bytes.Length}");
            var stored = await Emulator.JsonAsync(rest);
            Assert.Equal(Convert.ToBase64String(MD5.HashData(bytes)), stored.GetProperty("md5Hash").GetString());
            Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("r")));
        }
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone()
    {
        await using var emulator = await Emulator.StartAsync();
        var session = await StartAsync(emulator, "r");
        using var part = await PutAsync(emulator, session, Sample.Bytes(Unit), $"bytes 0-{Unit - 1}/*");
        using var cancelled = await emulator.Client.DeleteAsync(session);
        Assert.Equal(499, (int)cancelled.StatusCode);
        using var after = await PutAsync(emulator, session, [], "bytes */*");
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(emulator.Data, "uploads")));
    }

    [Fact]
    public async Task Ranges_that_cannot_be_are_refused()
    {
        await using var emulator = await Emulator.StartAsync();
        var session = await StartAsync(emulator, "r", size: 10);
        foreach (var range in (string[])["bytes 5-9/10", "bytes 0-9/11", "bytes 0-10/10", "bytes 3-1/10", "items 0-1/10", "bytes x-1/10"])
        {
            using var response = await PutAsync(emulator, session, Sample.Bytes(5), range);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Preconditions_of_the_start_hold_at_the_end()
    {
        await using var emulator = await Emulator.StartAsync();
        var session = await StartAsync(emulator, "r", "&ifGenerationMatch=0");
        await emulator.StoreAsync("r", [1]);
        using var late = await PutAsync(emulator, session, [1, 2, 3], "bytes 0-2/3");
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.Equal([1], await File.ReadAllBytesAsync(emulator.FileOf("r")));
    }

    private static async Task<Uri> StartAsync(Emulator emulator, string name, string query = "", long? size = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload/storage/v1/b/demo/o?uploadType=resumable" + query);
        request.Content = new StringContent($$"""{"name":"{{name}}"}""", Encoding.UTF8, "application/json");
        request.Headers.Add("X-Upload-Content-Type", "video/mp4");
        if (size is not null) request.Headers.Add("X-Upload-Content-Length", $"{size}");
        using var response = await emulator.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.Location!;
    }

    private static Task<HttpResponseMessage> PutAsync(Emulator emulator, Uri session, byte[] bytes, string? range)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, session) { Content = new ByteArrayContent(bytes) };
        if (range is not null) request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
        return emulator.Client.SendAsync(request);
    }

    private static void AssertMore(HttpResponseMessage response, int received)
    {
        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal($"bytes=0-{received - 1}", Assert.Single(response.Headers.GetValues("Range")));
    }
}
