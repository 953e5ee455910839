using System.Net;
using Crispy.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Crispy.Archive.Tests;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("/api/chunks?from=yesterday", "from")]
    [InlineData("/api/chunks?from=2026-11-22T10:00:00Z&to=2026-11-22T09:00:00Z", "to")]
    [InlineData("/api/chunks?from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:00Z", "to")]
    [InlineData("/api/chunks?from=2020-01-01T00:00:00Z&to=2026-11-22T10:00:00Z", "to")]
    [InlineData("/api/chunks?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z", "from")]
    [InlineData("/api/chunks?to=9999-12-31T23:59:59Z", "from")]
    [InlineData("/api/chunks?limit=0", "limit")]
    [InlineData("/api/chunks?limit=1001", "limit")]
    [InlineData("/api/chunks?limit=many", "limit")]
    [InlineData("/api/chunks?state=fine", "state")]
    [InlineData("/api/chunks?after=nonsense", "after")]
    [InlineData("/api/chunks?stream=Gate!", "stream")]
    [InlineData("/api/chunks/Gate/20261122T170844123Z/00000042", "stream")]
    [InlineData("/api/chunks/gate/now/00000042", "epoch")]
    [InlineData("/api/chunks/gate/20261122T170844123Z/minus", "sequence")]
    [InlineData("/api/chunks/gate/20261122T170844123Z/1000000000000000/url", "sequence")]
    [InlineData("/api/streams/gate/timeline?pixels=0", "pixels")]
    [InlineData("/api/streams/gate/trend?points=2001", "points")]
    [InlineData("/api/streams/gate/trend?from=2026-11-01T00:00:00Z&to=2026-12-22T10:00:00Z", "to")]
    [InlineData("/api/streams/gate/timeline?from=2999-01-01T00:00:00Z&to=2999-01-01T01:00:00Z", "from")]
    [InlineData("/api/streams/GATE/timeline", "stream")]
    [InlineData("/api/streams/..%2F..%2Fetc/timeline", "stream")]
    [InlineData("/api/streams/gate/thumbnail?at=noon", "at")]
    [InlineData("/api/streams/gate/playlist.m3u8?from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z", "to")]
    [InlineData("/api/streams/gate/segments/-1/20261122T170844123Z-00000042.mkv.m4s", "offset")]
    [InlineData("/api/ledger?from=2026-11-22T10:00:00Z&to=2026-11-21T10:00:00Z", "to")]
    [InlineData("/api/ledger.csv?stream=%00", "stream")]
    [InlineData("/api/ledger/report?from=x", "from")]
    public async Task What_makes_no_sense_is_refused_by_the_name_of_its_field(string path, string field)
    {
        await using var site = await Site.StartAsync();
        var problem = await site.ProblemAsync(HttpStatusCode.BadRequest, path);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ToArray());
        Assert.Empty(site.Requests);
    }

    [Theory]
    [InlineData("timeline")]
    [InlineData("trend")]
    [InlineData("thumbnail")]
    [InlineData("playlist.m3u8")]
    [InlineData("segments/0/20261122T170844123Z-00000042.mkv.m4s")]
    [InlineData("segments/init/20261122T170844123Z-00000042.mkv.mp4")]
    [InlineData("segments/init/passwd.mp4")]
    public async Task What_is_not_there_is_told_so(string path)
    {
        await using var site = await Site.StartAsync();
        await site.StoreAsync(new Camera("gate", site.Signer).Chunks(1));
        await site.ProblemAsync(HttpStatusCode.NotFound, $"/api/streams/nobody/{path}");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/ledger?stream=nobody");
    }

    [Theory]
    [InlineData("/api/chunks?stream=gate")]
    [InlineData("/api/chunks/gate/20261122T170844123Z/00000042")]
    [InlineData("/api/streams/gate/timeline")]
    [InlineData("/api/streams/gate/trend")]
    [InlineData("/api/streams/gate/thumbnail")]
    [InlineData("/api/streams/gate/playlist.m3u8")]
    [InlineData("/api/streams/gate/segments/0/20261122T170844123Z-00000042.mkv.m4s")]
    [InlineData("/api/ledger")]
    [InlineData("/api/ledger/report")]
    public async Task A_bucket_that_is_away_is_a_503_that_says_so(string path)
    {
        await using var site = await Site.StartAsync();
        await site.StopEmulatorAsync();
        var problem = await site.ProblemAsync(HttpStatusCode.ServiceUnavailable, path);
        Assert.Contains("bucket 'chunks'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_a_503_and_not_an_empty_archive()
    {
        await using var site = await Site.StartAsync(new() { Settings = new() { ["Crispy:Bucket"] = "no-such-bucket" } });
        await site.ProblemAsync(HttpStatusCode.ServiceUnavailable, "/api/streams/gate/timeline");
        await site.ProblemAsync(HttpStatusCode.ServiceUnavailable, "/api/ledger");
    }

    [Fact]
    public async Task A_stream_handle_that_answers_nonsense_or_errors_is_away()
    {
        await using var site = await Site.StartAsync(
            new() { StreamHandle = path => path.Contains("gate", StringComparison.Ordinal)
                ? Results.Text("<html>")
                : Results.StatusCode(500) });
        var gate = new Camera("gate", site.Signer).Chunks(2);
        await site.StoreAsync(gate);
        Assert.Equal("away", (await site.GetAsync(TimelineTests.Range("gate", Camera.Start, gate.At))).GetProperty("spool").GetString());
    }

    [Theory]
    [InlineData("Crispy:Bucket", "", "Crispy:Bucket")]
    [InlineData("Crispy:Signing:PublicKeys", "not a key", "Crispy:Signing:PublicKeys")]
    [InlineData("Crispy:Signing:PublicKeysFile", "/nowhere", "/nowhere")]
    [InlineData("Crispy:Archive:CachedChunks", "lots", "lots")]
    [InlineData("Crispy:Archive:CacheMaxBytes", "1", "Crispy:Archive:CacheMaxBytes")]
    [InlineData("Crispy:Archive:UrlLifetime", "8.00:00:00", "8.00:00:00")]
    [InlineData("Crispy:Archive:FfmpegProcesses", "0", "Crispy:Archive:FfmpegProcesses")]
    [InlineData("Crispy:Archive:TraceUrl", "http://dashboard/", "{traceId}")]
    [InlineData("Crispy:Archive:Typo", "1", "Crispy:Archive:Typo")]
    [InlineData("STORAGE_EMULATOR_HOST", "::", "STORAGE_EMULATOR_HOST")]
    public void A_wrong_setting_is_told_at_the_start_by_its_name(string key, string value, string told)
    {
        Dictionary<string, string?> settings = new() { ["Crispy:Bucket"] = "chunks",
            ["Crispy:Signing:PublicKeys"] = SigningKey.PublicPem(SigningKey.NewPrivatePem()), [key] = value };
        var failure = Assert.Throws<OptionsValidationException>(() =>
            ArchiveOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        Assert.Contains(told, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }
}
