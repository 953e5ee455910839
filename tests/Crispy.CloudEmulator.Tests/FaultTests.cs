using System.Net;
using System.Net.Http.Json;

namespace Crispy.CloudEmulator.Tests;

public class FaultTests
{
    [Fact]
    public async Task A_status_is_answered_as_often_as_asked_then_no_more()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.FaultAsync(
            new { match = new { method = "POST", uploadType = "multipart" }, times = 2, fault = "status", status = 429 });
        for (var i = 0; i < 2; i++)
        {
            using var refused = await emulator.MultipartAsync("a", Sample.Bytes(1_000_000));
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("rateLimitExceeded", await Emulator.ReasonAsync(refused));
        }
        Assert.Empty(emulator.Files());
        await emulator.StoreAsync("a", [1]);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("resetBeforeBody")]
    [InlineData("resetMidBody")]
    public async Task After_the_store_only_the_answer_fails(string fault)
    {
        await using var emulator = await Emulator.StartAsync();
        var bytes = Sample.Bytes(300_000);
        await emulator.FaultAsync(new { match = new { pathContains = "/upload/" }, times = 1, fault, status = 503, afterStore = true });
        if (fault == "status") Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.MultipartAsync("a", bytes)).StatusCode);
        else await Assert.ThrowsAnyAsync<HttpRequestException>(() => emulator.MultipartAsync("a", bytes));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(emulator.FileOf("a")));
        using var again = await emulator.MultipartAsync("a", bytes, "&ifGenerationMatch=0");
        Assert.Equal(HttpStatusCode.PreconditionFailed, again.StatusCode);
    }

    [Theory]
    [InlineData("resetBeforeBody")]
    [InlineData("resetMidBody")]
    public async Task A_reset_upload_leaves_nothing(string fault)
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.FaultAsync(new { match = new { method = "POST" }, times = 1, fault });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => emulator.MultipartAsync("a", Sample.Bytes(1_000_000)));
        await emulator.StoreAsync("b", [1]);
        Assert.Equal([Path.Combine("demo", "b")], emulator.Files());
        Assert.Empty(Directory.GetFiles(Path.Combine(emulator.Data, "uploads")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(300_000)]
    public async Task A_reset_upload_leaves_no_complaint_of_the_web_server(int size)
    {
        WarningLog warnings;
        await using (var emulator = await Emulator.StartAsync())
        {
            warnings = emulator.Warnings;
            for (var i = 0; i < 5; i++)
            {
                await emulator.FaultAsync(new { match = new { method = "POST" }, times = 1, fault = "resetMidBody" });
                await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
                    emulator.Client.PostAsync("/upload/storage/v1/b/demo/o?uploadType=media&name=a",
                        new ByteArrayContent(Sample.Bytes(size))));
            }
        }
        Assert.Empty(warnings.Lines);
    }

    [Fact]
    public async Task A_download_breaks_or_ends_in_the_middle()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("a", Sample.Bytes(1_000_000));
        await emulator.FaultAsync(new { match = new { method = "GET", pathContains = "/o/a" }, times = 1, fault = "resetMidBody" });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => emulator.DownloadAsync("a"));
        await emulator.FaultAsync(new { match = new { method = "GET", pathContains = "/o/a" }, times = 1, fault = "truncate" });
        using var cut = await emulator.DownloadAsync("a");
        Assert.Equal(500_000, (await cut.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal("1000000", Assert.Single(cut.Headers.GetValues("x-goog-stored-content-length")));
    }

    [Fact]
    public async Task A_wrong_checksum_is_shown_but_not_kept()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.FaultAsync(new { times = 1, fault = "wrongCrc" });
        var wrong = (await emulator.StoreAsync("a", [1])).GetProperty("crc32c").GetString();
        var right = (await emulator.GetJsonAsync(Emulator.ObjectUri("a"))).GetProperty("crc32c").GetString();
        Assert.NotEqual(right, wrong);
    }

    [Fact]
    public async Task A_stall_ends_when_the_faults_are_cleared()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.FaultAsync(new { match = new { method = "POST", pathContains = "/upload/" }, times = 1, fault = "stall" });
        var upload = emulator.MultipartAsync("a", [1]);
        await Crispy.Testing.Until.TrueAsync(async () => (await emulator.GetJsonAsync("/_emulator/faults"))
            .GetProperty("left").GetInt32() == 0);
        Assert.False(upload.IsCompleted);
        (await emulator.Client.DeleteAsync("/_emulator/faults")).Dispose();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
        Assert.Empty(emulator.Files());
    }

    [Fact]
    public async Task A_slow_answer_comes_when_the_faults_are_cleared()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.FaultAsync(new { times = 1, fault = "slow" });
        var upload = emulator.StoreAsync("a", [1]);
        await Crispy.Testing.Until.TrueAsync(async () =>
            (await emulator.GetJsonAsync("/_emulator/faults")).GetProperty("left").GetInt32() == 0);
        Assert.False(upload.IsCompleted);
        (await emulator.Client.DeleteAsync("/_emulator/faults")).Dispose();
        Assert.Equal("a", (await upload).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_redirection_leads_to_the_same_address()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("a b", [1]);
        await emulator.FaultAsync(new { times = 1, fault = "redirect" });
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = emulator.Uri };
        using var sent = await client.GetAsync(Emulator.ObjectUri("a b", "?alt=media"));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, sent.StatusCode);
        Assert.Equal(new Uri(emulator.Uri, Emulator.ObjectUri("a b", "?alt=media")), sent.Headers.Location);
        Assert.Equal([1], await client.GetByteArrayAsync(sent.Headers.Location));
    }

    [Fact]
    public async Task A_part_comes_with_the_checksum_of_the_whole_only_by_a_fault()
    {
        await using var emulator = await Emulator.StartAsync();
        await emulator.StoreAsync("a", [1, 2, 3]);
        using var whole = await emulator.DownloadAsync("a");
        using var part = await emulator.DownloadAsync("a", "bytes=0-2");
        await emulator.FaultAsync(new { times = 1, fault = "wholeHash" });
        using var other = await emulator.DownloadAsync("a", "bytes=0-1");
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.False(part.Headers.Contains("x-goog-hash"));
        Assert.Equal(whole.Headers.GetValues("x-goog-hash"), other.Headers.GetValues("x-goog-hash"));
    }

    [Fact]
    public async Task A_fault_that_does_not_exist_is_refused()
    {
        await using var emulator = await Emulator.StartAsync();
        using var response = await emulator.Client.PostAsJsonAsync("/_emulator/faults", new { fault = "explode" });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Two_faults_without_an_end_are_counted_together()
    {
        await using var emulator = await Emulator.StartAsync();
        foreach (var method in (string[])["PUT", "POST"])
            await emulator.FaultAsync(new { match = new { method }, times = int.MaxValue, fault = "status" });
        Assert.Equal(2L * int.MaxValue, (await emulator.GetJsonAsync("/_emulator/faults")).GetProperty("left").GetInt64());
    }
}
