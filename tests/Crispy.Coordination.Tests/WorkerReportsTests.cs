using Crispy.Contracts.Api;
using Crispy.Testing;
using StackExchange.Redis;

namespace Crispy.Coordination.Tests;

/// <summary>What workers say of themselves, in a Redis of its own: all reports there are this test's.</summary>
public sealed class WorkerReportsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 51, 30, TimeSpan.Zero);
    private static readonly WorkerReport Well = new("worker-1", "shared", Now, ServerView.IsWell, ServerView.IsWell, 3);
    private static readonly WorkerReport Cut = Well with
    {
        Replica = "worker-2",
        Bucket = ServerView.Away(Now.AddSeconds(-7), "The bucket cannot be reached: Connection refused."),
    };

    private readonly RedisServer _server = new();
    private ConnectionMultiplexer _redis = null!;

    private IDatabase Database => _redis.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Reports_are_read_as_they_were_told_and_the_newest_counts()
    {
        await WorkerReports.TellAsync(Database, Cut);
        await WorkerReports.TellAsync(Database, Well with { Uploading = 1 });
        await WorkerReports.TellAsync(Database, Well);

        Assert.Equal([Well, Cut], await WorkerReports.ReadAllAsync(Database));
    }

    [Fact]
    public async Task Ends_of_certificates_are_told_the_first_ones_and_no_more_than_fit()
    {
        var many = Enumerable.Range(0, 20)
            .Select(number => new CertificateDuty(new string('x', 300) + number, Now.AddDays(20 - number))).ToList();
        await WorkerReports.TellAsync(Database, Well with { Certificates = many });
        var read = Assert.Single(await WorkerReports.ReadAllAsync(Database)).Certificates;
        Assert.Equal(Enumerable.Range(0, 8).Select(number => Now.AddDays(number + 1)), read.Select(each => each.Ends));
        Assert.All(read, each => Assert.Equal(200, each.Name.Length));
        // As a worker of another version writes it.
        await Database.StringSetAsync("crispy:worker:worker-1",
            """
            {"spool":"shared","at":"2026-11-22T10:51:30+00:00","uploading":2,"broker":{"well":true},"bucket":{"well":true},
             "certificates":[null,{"name":"","ends":"2026-11-22T10:51:30Z"}]}
            """);
        Assert.Empty(Assert.Single(await WorkerReports.ReadAllAsync(Database)).Certificates);
    }

    [Fact]
    public async Task A_report_lives_for_twenty_seconds_and_goes_with_its_worker()
    {
        await WorkerReports.TellAsync(Database, Well);
        await WorkerReports.TellAsync(Database, Cut);
        var left = await Database.KeyTimeToLiveAsync("crispy:worker:worker-1");
        Assert.InRange(left!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));

        await WorkerReports.WithdrawAsync(Database, "worker-1");

        Assert.Equal([Cut], await WorkerReports.ReadAllAsync(Database));
        Assert.False(await Database.KeyExistsAsync("crispy:worker:worker-1"));
    }

    [Fact]
    public async Task A_worker_that_no_longer_tells_is_forgotten()
    {
        await WorkerReports.TellAsync(Database, Well);
        await Database.KeyExpireAsync("crispy:worker:worker-1", TimeSpan.FromMilliseconds(1));
        await Until.TrueAsync(async () => !await Database.KeyExistsAsync("crispy:worker:worker-1"));
        Assert.Empty(await WorkerReports.ReadAllAsync(Database));

        // Its name goes with the next report of any worker, once its time is over.
        await Database.SortedSetAddAsync("crispy:workers", "worker-1", 1);
        await WorkerReports.TellAsync(Database, Cut);
        Assert.Equal(["worker-2"], (await Database.SortedSetRangeByRankAsync("crispy:workers")).Select(name => (string)name!));
    }

    [Fact]
    public async Task Without_any_worker_there_is_no_report() => Assert.Empty(await WorkerReports.ReadAllAsync(Database));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"spool\":\"shared\"")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"../etc","at":"2026-11-22T10:51:30Z","bucket":{"well":true},"broker":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"shared","at":"yesterday","bucket":{"well":true},"broker":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":{"well":true},"broker":{"well":true},"uploading":-1}""")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":{"well":true},"broker":{"well":true},"uploading":1e9}""")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":{"well":false},"broker":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"s","at":"2026-11-22T10:51:30Z","bucket":{"well":true,"reason":"but"},"broker":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":{"well":"yes"},"broker":{"well":true},"uploading":1}""")]
    [InlineData("""{"spool":"shared","at":"2026-11-22T10:51:30Z","bucket":[[[[[[]]]]]],"broker":{"well":true},"uploading":1}""")]
    public async Task What_is_no_report_is_passed_over(string json)
    {
        await WorkerReports.TellAsync(Database, Well);
        await PutAsync("worker-0", json);

        Assert.Equal([Well], await WorkerReports.ReadAllAsync(Database));
    }

    [Fact]
    public async Task What_is_too_long_or_of_another_kind_does_not_leave_Redis()
    {
        await WorkerReports.TellAsync(Database, Well);
        await PutAsync("worker-0", new string(' ', 100_000_000));
        await PutAsync(new string('n', 100_000), "{}");
        await PutAsync("worker 0\r\n", (string)(await Database.StringGetAsync("crispy:worker:worker-1"))!);
        await Database.SortedSetAddAsync("crispy:workers", "worker-9", double.MaxValue);
        await Database.HashSetAsync("crispy:worker:worker-9", "a", "b");

        Assert.Equal([Well], await WorkerReports.ReadAllAsync(Database));
    }

    [Fact]
    public async Task Many_reports_are_cut_off()
    {
        for (var number = 0; number < 300; number++) await WorkerReports.TellAsync(Database, Well with { Replica = $"worker-{number}" });

        Assert.Equal(WorkerReports.Most, (await WorkerReports.ReadAllAsync(Database)).Count);
    }

    [Fact]
    public async Task An_index_of_another_kind_is_replaced_by_the_next_report()
    {
        await Database.StringSetAsync("crispy:workers", "something else");
        Assert.Empty(await WorkerReports.ReadAllAsync(Database));

        await WorkerReports.TellAsync(Database, Well);

        Assert.Equal([Well], await WorkerReports.ReadAllAsync(Database));
    }

    [Fact]
    public async Task A_reason_is_one_line_of_at_most_500_characters()
    {
        var reason = "first\r\nsecond\u001b[31m" + new string('x', 600);
        await WorkerReports.TellAsync(Database, Cut with { Bucket = ServerView.Away(Now, reason) });

        var told = Assert.Single(await WorkerReports.ReadAllAsync(Database)).Bucket.Reason!;

        Assert.StartsWith("first  second [31mxxx", told, StringComparison.Ordinal);
        Assert.Equal(500, told.Length);
    }

    private async Task PutAsync(string replica, string json)
    {
        await Database.StringSetAsync($"crispy:worker:{replica}", json);
        await Database.SortedSetAddAsync("crispy:workers", replica, double.MaxValue);
    }
}
