using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Crispy.CloudEmulator.Tests;

public class UploadTests
{
    [Fact]
    public async Task A_multipart_upload_becomes_a_file_and_a_resource()
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(1_500_000);
        using var response =
            await emulator.MultipartAsync("cam/2026/a.mp4", bytes, resource: new { name = "cam/2026/a.mp4", metadata = new { k = "v" } });
        var stored = await Emulator.JsonAsync(response);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("cam", "2026", "a.mp4")));
        Assert.Equal("1500000", stored.GetProperty("size").GetString());
        Assert.Equal("1", stored.GetProperty("metageneration").GetString());
        Assert.Equal("video/mp4", stored.GetProperty("contentType").GetString());
        Assert.Equal("v", stored.GetProperty("metadata").GetProperty("k").GetString());
        Assert.Equal(Convert.ToBase64String(MD5.HashData(bytes)), stored.GetProperty("md5Hash").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", stored.GetProperty("timeCreated").GetString());
        Assert.Equal([Path.Combine("demo", "cam", "2026", "a.mp4")], emulator.Files());
        Assert.Equal(bytes, await emulator.Client.GetByteArrayAsync(stored.GetProperty("mediaLink").GetString()));
    }

    [Fact]
    public async Task The_checksum_is_CRC32C_in_big_endian_base64()
    {
        await using var emulator = await Emulator.StartAsync();
        // RFC 3720 and the CRC catalogue: the check value of "123456789" is e3069283.
        var stored = await emulator.StoreAsync("a", "123456789"u8.ToArray());
        Assert.Equal(Convert.ToBase64String([0xe3, 0x06, 0x92, 0x83]), stored.GetProperty("crc32c").GetString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(70_000)]
    public async Task Bytes_that_look_like_boundaries_stay_bytes(int length)
    {
        await using var emulator = await Emulator.StartAsync();
        var tricky = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("\r\n--b\r\r\n--bo\r\n-", length / 15 + 1))[..length]);
        using var content = new ByteArrayContent([
            .. "--bou\r\nContent-Type: application/json\r\n\r\n{\"name\":\"t\"}\r\n--bou\r\nContent-Type: x/y\r\n\r\n"u8,
            .. tricky, .. "\r\n--bou--"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; boundary=\"bou\"");
        using var response = await emulator.Client.PostAsync("/upload/storage/v1/b/demo/o?uploadType=multipart", content);
        await Emulator.JsonAsync(response);
        Assert.Equal(tricky, await File.ReadAllBytesAsync(emulator.FileOf("t")));
    }

    [Fact]
    public async Task A_media_upload_takes_name_and_type_from_the_request()
    {
        await using var emulator = await Emulator.StartAsync();
        using var content = new ByteArrayContent([1, 2, 3]) { Headers = { { "Content-Type", "image/png" } } };
        using var response = await emulator.Client.PostAsync("/upload/storage/v1/b/demo/o?uploadType=media&name=x%2Fy.png", content);
        var stored = await Emulator.JsonAsync(response);
        Assert.Equal("x/y.png", stored.GetProperty("name").GetString());
        Assert.Equal("image/png", stored.GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("crc32c", "AAAAAA==")]
    [InlineData("md5Hash", "AAAAAAAAAAAAAAAAAAAAAA==")]
    public async Task A_wrong_checksum_is_refused_and_nothing_stored(string property, string value)
    {
        await using var emulator = await Emulator.StartAsync();
        var resource = new Dictionary<string, string> { ["name"] = "a/b", [property] = value };
        using var response = await emulator.MultipartAsync("a/b", [1, 2], resource: resource);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(emulator.Files());
        Assert.Empty(Directory.GetFiles(Path.Combine(emulator.Data, "uploads")));
        Assert.False(Directory.Exists(emulator.FileOf("a")));
    }

    [Fact]
    public async Task Metadata_over_8_KiB_is_refused()
    {
        await using var emulator = await Emulator.StartAsync();
        using var fits =
            await emulator.MultipartAsync("a", [1], resource: new { name = "a", metadata = new { k = new string('x', 8191) } });
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        using var over =
            await emulator.MultipartAsync("b", [1], resource: new { name = "b", metadata = new { k = new string('x', 8192) } });
        Assert.Equal(HttpStatusCode.BadRequest, over.StatusCode);
    }

    [Fact]
    public async Task Malformed_uploads_are_refused()
    {
        await using var emulator = await Emulator.StartAsync();
        async Task<HttpStatusCode> Post(string query, string type, string body)
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await emulator.Client.PostAsync("/upload/storage/v1/b/demo/o?" + query, content);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadRequest, await Post("uploadType=multipart", "multipart/related", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("uploadType=multipart", "multipart/related; boundary=b", "no boundary at all"));
        Assert.Equal(HttpStatusCode.BadRequest,
            await Post("uploadType=multipart", "multipart/related; boundary=b", "--b\r\n\r\n{\"name\":\"a\"}\r\n--b--"));
        Assert.Equal(HttpStatusCode.BadRequest,
            await Post("uploadType=multipart", "multipart/related; boundary=b", "--b\r\n\r\n{\"name\":\"a\"}\r\n--b\r\n\r\nno end"));
        Assert.Equal(HttpStatusCode.BadRequest,
            await Post("uploadType=multipart", "multipart/related; boundary=b", "--b\r\n\r\n{nonsense\r\n--b\r\n\r\nx\r\n--b--"));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("uploadType=media", "text/plain", "no name"));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("uploadType=strange&name=a", "text/plain", "x"));
        Assert.Empty(emulator.Files());
    }

    [Fact]
    public async Task Of_uploads_at_once_that_must_create_one_wins()
    {
        await using var emulator = await Emulator.StartAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 24)
            .Select(i => emulator.MultipartAsync("one", Sample.Bytes(100_000, i), "&ifGenerationMatch=0")));
        Assert.Single(all, response => response.StatusCode == HttpStatusCode.OK);
        Assert.Equal(23, all.Count(response => response.StatusCode == HttpStatusCode.PreconditionFailed));
        Assert.Equal("conditionNotMet", await Emulator.ReasonAsync(all.First(response => response.StatusCode != HttpStatusCode.OK)));
        var winner = Array.FindIndex(all, response => response.StatusCode == HttpStatusCode.OK);
        Assert.Equal(Sample.Bytes(100_000, winner), await File.ReadAllBytesAsync(emulator.FileOf("one")));
    }

    [Fact]
    public async Task Overwriting_at_once_leaves_one_generation_whole()
    {
        await using var emulator = await Emulator.StartAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => emulator.StoreAsync("one", Sample.Bytes(50_000 + i, i))));
        var live = await emulator.GetJsonAsync(Emulator.ObjectUri("one"));
        Assert.Equal(all.Max(stored => long.Parse(stored.GetProperty("generation").GetString()!)),
            long.Parse(live.GetProperty("generation").GetString()!));
        Assert.Equal(16, all.Select(stored => stored.GetProperty("generation").GetString()).Distinct().Count());
        var bytes = await File.ReadAllBytesAsync(emulator.FileOf("one"));
        Assert.Equal(Convert.ToBase64String(MD5.HashData(bytes)), live.GetProperty("md5Hash").GetString());
    }

    [Fact]
    public async Task Gzipped_JSON_is_inflated()
    {
        await using var emulator = await Emulator.StartAsync();
        using var buffer = new MemoryStream();
        await using (var gzip = new GZipStream(buffer, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync("""{"name":"from-gzip"}"""u8.ToArray());
        using var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await emulator.Client.PostAsync("/storage/v1/b?project=p", content);
        Assert.Equal("from-gzip", (await Emulator.JsonAsync(response)).GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_XML_API_puts_gets_and_deletes()
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(5000);
        using var put = new HttpRequestMessage(HttpMethod.Put, "/demo/x/y.bin") { Content = new ByteArrayContent(bytes) };
        put.Headers.Add("x-goog-meta-Crispy-Chunk", "c");
        put.Headers.Add("x-goog-if-generation-match", "0");
        using var stored = await emulator.Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"", stored.Headers.ETag!.Tag);

        using var again = new HttpRequestMessage(HttpMethod.Put, "/demo/x/y.bin") { Content = new ByteArrayContent(bytes) };
        again.Headers.Add("x-goog-if-generation-match", "0");
        using var refused = await emulator.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        Assert.Contains("<Code>PreconditionFailed</Code>", await refused.Content.ReadAsStringAsync());

        using var wrong = new HttpRequestMessage(HttpMethod.Put, "/demo/z") { Content = new ByteArrayContent(bytes) };
        wrong.Headers.Add("x-goog-hash", "crc32c=AAAAAA==");
        using var mismatch = await emulator.Client.SendAsync(wrong);
        Assert.Equal(HttpStatusCode.BadRequest, mismatch.StatusCode);

        using var head = await emulator.Client.SendAsync(new(HttpMethod.Head, "/demo/x/y.bin"));
        Assert.Equal("c", Assert.Single(head.Headers.GetValues("x-goog-meta-crispy-chunk")));
        Assert.Equal(5000, head.Content.Headers.ContentLength);
        Assert.Equal(bytes, await emulator.Client.GetByteArrayAsync("/demo/x/y.bin"));
        using var deleted = await emulator.Client.DeleteAsync("/demo/x/y.bin");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await emulator.Client.GetAsync("/demo/x/y.bin");
        Assert.Contains("<Code>NoSuchKey</Code>", await gone.Content.ReadAsStringAsync());
        Assert.Empty(Directory.GetFileSystemEntries(emulator.FileOf()));
    }
}
