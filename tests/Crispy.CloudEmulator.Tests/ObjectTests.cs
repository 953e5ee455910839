using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Crispy.CloudEmulator.Tests;

public class ObjectTests
{
    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=90-", 90, 10)]
    [InlineData("bytes=95-500", 95, 5)]
    [InlineData("bytes=-7", 93, 7)]
    [InlineData("bytes=-500", 0, 100)]
    [InlineData("bytes=99-99", 99, 1)]
    public async Task A_range_is_a_part(string range, int offset, int length)
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(100);
        await emulator.StoreAsync("a", bytes);
        using var response = await emulator.DownloadAsync("a", range);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/100", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(bytes[offset..(offset + length)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("100", Assert.Single(response.Headers.GetValues("x-goog-stored-content-length")));
    }

    [Theory]
    [InlineData("bytes=100-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=-0")]
    public async Task A_range_outside_is_416(string range)
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("a", Sample.Bytes(100));
        using var response = await emulator.DownloadAsync("a", range);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
    }

    [Theory]
    [InlineData("bytes=9-3")]
    [InlineData("bytes=a-b")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=0-1,3-4")]
    public async Task What_is_no_range_is_ignored(string range)
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("a", Sample.Bytes(100));
        using var response = await emulator.DownloadAsync("a", range);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(100, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Preconditions_and_generations_choose()
    {
        await using var emulator = await Emulator.StartAsync();
        var first = (await emulator.StoreAsync("a", [1])).GetProperty("generation").GetString();
        var second = (await emulator.StoreAsync("a", [2])).GetProperty("generation").GetString();
        async Task<HttpStatusCode> Get(string query)
        {
            using var response = await emulator.Client.GetAsync(Emulator.ObjectUri("a", "?" + query));
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Get($"generation={second}"));
        Assert.Equal(HttpStatusCode.NotFound, await Get($"generation={first}"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Get($"ifGenerationMatch={first}"));
        Assert.Equal(HttpStatusCode.OK, await Get($"ifGenerationMatch={second}&ifMetagenerationMatch=1"));
        Assert.Equal(HttpStatusCode.NotModified, await Get($"ifGenerationNotMatch={second}"));
        Assert.Equal(HttpStatusCode.NotModified, await Get("ifMetagenerationNotMatch=1"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Get("ifMetagenerationMatch=2"));
        Assert.Equal(HttpStatusCode.BadRequest, await Get("ifGenerationMatch=abc"));
        using var upload = await emulator.MultipartAsync("a", [3], $"&ifGenerationMatch={first}");
        Assert.Equal(HttpStatusCode.PreconditionFailed, upload.StatusCode);
        using var notThis = await emulator.MultipartAsync("a", [3], $"&ifGenerationNotMatch={second}");
        Assert.Equal(HttpStatusCode.PreconditionFailed, notThis.StatusCode);
        using var delete = await emulator.Client.DeleteAsync(Emulator.ObjectUri("a", $"?ifGenerationMatch={first}"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, delete.StatusCode);
        Assert.Equal([2], await File.ReadAllBytesAsync(emulator.FileOf("a")));
    }

    [Fact]
    public async Task A_patch_merges()
    {
        await using var emulator = await Emulator.StartAsync();
        using var stored = await emulator.MultipartAsync("a", [1], resource: new { name = "a", metadata = new { x = "1", y = "2" } });
        using var patch = await emulator.Client.PatchAsync(Emulator.ObjectUri("a"),
            JsonContent.Create(
                new { contentType = "text/plain", metadata = new Dictionary<string, string?> { ["x"] = null, ["z"] = "3" } }));
        var patched = await Emulator.JsonAsync(patch);
        Assert.Equal("""{"y":"2","z":"3"}""", patched.GetProperty("metadata").GetRawText());
        Assert.Equal("2", patched.GetProperty("metageneration").GetString());
        Assert.Equal("text/plain", patched.GetProperty("contentType").GetString());
        using var wrong = await emulator.Client.PatchAsync(Emulator.ObjectUri("a"), JsonContent.Create(new { metadata = 5 }));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task A_copy_is_another_object_with_the_same_bytes()
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(700_000);
        var source = await emulator.StoreAsync("a/b", bytes);
        using var response = await emulator.Client.PostAsync("/storage/v1/b/demo/o/a%2Fb/rewriteTo/b/demo/o/c%2Fd", null);
        var answer = await Emulator.JsonAsync(response);
        Assert.True(answer.GetProperty("done").GetBoolean());
        Assert.Equal(source.GetProperty("crc32c").GetString(), answer.GetProperty("resource").GetProperty("crc32c").GetString());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("c", "d")));
    }

    [Fact]
    public async Task Lists_come_in_pages_with_prefixes()
    {
        await using var emulator = await Emulator.StartAsync();
        string[] names = ["a", "b/1", "b/2", "b/c/1", "b0", "é", "z/1"];
        foreach (var name in names) await emulator.StoreAsync(name, [1]);
        Assert.Equal(["a", "b/1", "b/2", "b/c/1", "b0", "z/1", "é"], await ListAsync(emulator, ""));
        Assert.Equal(["a", "b/", "b0", "z/", "é"], (await ListAsync(emulator, "delimiter=/")).Order(StringComparer.Ordinal));
        Assert.Equal(["b/1", "b/2", "b/c/"], await ListAsync(emulator, "delimiter=/&prefix=b/"));
        Assert.Equal(["b/1", "b/2", "b/c/1"], await ListAsync(emulator, "prefix=b/"));
        Assert.Equal(["b/2", "b/c/1", "b0"], await ListAsync(emulator, "startOffset=b/2&endOffset=z"));
        for (var size = 1; size < 5; size++)
        {
            Assert.Equal(["a", "b/1", "b/2", "b/c/1", "b0", "z/1", "é"], await ListAsync(emulator, $"maxResults={size}"));
            Assert.Equal(["a", "b/", "b0", "z/", "é"],
                (await ListAsync(emulator, $"delimiter=/&maxResults={size}")).Order(StringComparer.Ordinal));
        }
        using var wrong = await emulator.Client.GetAsync("/storage/v1/b/demo/o?maxResults=x");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var nowhere = await emulator.Client.GetAsync("/storage/v1/b/nowhere/o");
        Assert.Equal("notFound", await Emulator.ReasonAsync(nowhere));
    }

    [Fact]
    public async Task Buckets_come_and_go()
    {
        await using var emulator = await Emulator.StartAsync();
        using var made = await emulator.Client.PostAsJsonAsync("/storage/v1/b?project=p", new { name = "second" });
        Assert.Equal("storage#bucket", (await Emulator.JsonAsync(made)).GetProperty("kind").GetString());
        using var twice = await emulator.Client.PostAsJsonAsync("/storage/v1/b?project=p", new { name = "second" });
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        using var wrong = await emulator.Client.PostAsJsonAsync("/storage/v1/b?project=p", new { name = "../up" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var list = await emulator.GetJsonAsync("/storage/v1/b?project=p");
        Assert.Equal(["demo", "second"], list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
        await emulator.StoreAsync("a", [1]);
        using var full = await emulator.Client.DeleteAsync("/storage/v1/b/demo");
        Assert.Equal(HttpStatusCode.Conflict, full.StatusCode);
        using var empty = await emulator.Client.DeleteAsync("/storage/v1/b/second");
        Assert.Equal(HttpStatusCode.NoContent, empty.StatusCode);
        using var gone = await emulator.Client.GetAsync("/storage/v1/b/second");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var upload = await emulator.Client.PostAsync("/upload/storage/v1/b/second/o?uploadType=media&name=a", new StringContent("x"));
        Assert.Equal(HttpStatusCode.NotFound, upload.StatusCode);
    }

    private static async Task<List<string>> ListAsync(Emulator emulator, string query)
    {
        var names = new List<string>();
        for (string? token = ""; token is not null;)
        {
            var page = await emulator.GetJsonAsync($"/storage/v1/b/demo/o?{query}&pageToken={Uri.EscapeDataString(token)}");
            if (page.TryGetProperty("items", out var items))
                names.AddRange(items.EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            if (page.TryGetProperty("prefixes", out var prefixes))
                names.AddRange(prefixes.EnumerateArray().Select(item => item.GetString()!));
            token = page.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
        }
        return names;
    }

    [Theory]
    [InlineData("gzip", "test (gzip)", true)]
    [InlineData("gzip, deflate", "gcloud-node-storage/7 (gzip)", true)]
    [InlineData("gzip", "test", false)]
    [InlineData("br", "test (gzip)", false)]
    public async Task Long_JSON_is_gzipped_where_both_headers_take_it(string accepted, string agent, bool gzipped)
    {
        await using var emulator = await Emulator.StartAsync();
        var resource = new { name = "a", metadata = new { manifest = new string('x', 2000) } };
        (await emulator.MultipartAsync("a", [1], resource: resource)).Dispose();
        (string, bool)[] answers =
            [("/storage/v1/b/demo/o", true), (Emulator.ObjectUri("a"), true), (Emulator.ObjectUri("a", "?fields=name"), false)];
        foreach (var (path, isLong) in answers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
            request.Headers.TryAddWithoutValidation("User-Agent", agent);
            using var answer = await emulator.Client.SendAsync(request);
            Assert.Equal(gzipped && isLong ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
            await using var body = await answer.Content.ReadAsStreamAsync();
            await using var inflated = gzipped && isLong ? new GZipStream(body, CompressionMode.Decompress) : body;
            using var json = await JsonDocument.ParseAsync(inflated);
            Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        }
    }
}
