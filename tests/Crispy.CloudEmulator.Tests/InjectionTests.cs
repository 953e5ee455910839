using System.Net;

namespace Crispy.CloudEmulator.Tests;

public sealed class InjectionTests
{
    [Theory]
    [InlineData("a\r\nX-Injected: 1")]
    [InlineData("a\nX-Injected: 1")]
    [InlineData("a\r\n\r\n<html>")]
    [InlineData("a\0b")]
    public async Task Metadata_never_becomes_another_header_or_a_body(string value)
    {
        await using var emulator = await Emulator.StartAsync();
        byte[] bytes = [1, 2, 3];
        using var stored = await emulator.MultipartAsync("a.mkv", bytes,
            resource: new { name = "a.mkv", contentDisposition = value, cacheControl = value,
                metadata = new Dictionary<string, string> { ["crispy-chunk"] = value } });
        Assert.True(stored.IsSuccessStatusCode || stored.StatusCode == HttpStatusCode.BadRequest, stored.StatusCode.ToString());
        if (!stored.IsSuccessStatusCode) return;
        foreach (var path in (string[])["/download/storage/v1/b/demo/o/a.mkv?alt=media", "/demo/a.mkv"])
        {
            using var answer = await emulator.Client.GetAsync(path);
            Assert.False(answer.Headers.Contains("X-Injected") || answer.Content.Headers.Contains("X-Injected"), path);
            Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync());
        }
    }
}
