using System.Net;

namespace Crispy.ChunkLogger.Tests;

public sealed class IamSigningTests
{
    private static readonly string Account = $"signer@{SignerAccount.Project}.iam.gserviceaccount.com";

    [Fact]
    public async Task Iam_signs_as_the_account_of_the_setting_and_the_url_opens_the_object()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        var chunk = Chunk.Make(await Footage.MatroskaAsync(), site.Signer);
        using var answer = await site.EventarcAsync(await site.UploadAsync(chunk));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var (path, authorization, body) = Assert.Single(google.Posts);
        Assert.Equal($"/v1/projects/-/serviceAccounts/{Account}:signBlob", path);
        Assert.StartsWith("Bearer ", authorization, StringComparison.Ordinal);
        Assert.StartsWith("GOOG4-RSA-SHA256\n", System.Text.Encoding.UTF8.GetString(body.GetProperty("payload").GetBytesFromBase64()),
            StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Equal(chunk.Media,
            await http.GetByteArrayAsync(Assert.Single(site.Entries()).GetProperty("signedUrl").GetString(),
                TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task Trouble_that_passes_is_tried_again_in_place(int status)
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        google.Failures.Enqueue(status);
        google.Failures.Enqueue(status);
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        using var answer = await site.WhileTimePassesAsync(site.EventarcAsync(stored));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(3, google.Posts.Count);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Trouble_that_lasts_is_left_to_the_event_which_comes_again()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google);
        for (var i = 0; i < 4; i++) google.Failures.Enqueue(503);
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        using var failed = await site.WhileTimePassesAsync(site.EventarcAsync(stored));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(4, google.Posts.Count);
        Assert.Empty(site.Entries());
        using var answer = await site.EventarcAsync(stored);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(site.Entries());
    }

    [Fact]
    public async Task Missing_rights_are_not_tried_again_and_turn_health_red_with_the_reason()
    {
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await StartAsync(google, ("FunctionsFramework:JsonLogging", "true"));
        google.Failures.Enqueue(403);
        var stored = await site.UploadAsync(Chunk.Make(await Footage.MatroskaAsync(), site.Signer));
        using var failed = await site.EventarcAsync(stored);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Single(google.Posts);
        using var asked =
            new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Authorization = new("Bearer", Site.HealthToken) } };
        using var health = await site.Client.SendAsync(asked, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains($"signing as {Account} by IAM: 403 failure 403 by the test",
            await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains(site.OutputLines(), line => line.TryGetProperty("event", out var name) && name.GetString() == "CallRefused"
            && line.GetProperty("severity").GetString() == "ERROR");
    }

    private static Task<Site> StartAsync(FakeGoogle google, params (string Key, string Value)[] more)
    {
        Dictionary<string, string?> settings =
            new() { ["Crispy:ChunkLogger:SigningAccount"] = Account, ["Crispy:ChunkLogger:IamEndpoint"] = google.Address.AbsoluteUri };
        foreach (var (key, value) in more) settings[key] = value;
        return Site.StartAsync(settings);
    }
}
