using System.Net;
using System.Security.Authentication;
using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.UploadWorker.Tests;

[Trait("Needs", "nothing")]
public sealed class BucketWatchTests
{
    private static readonly BucketTrouble Unreachable = BucketTrouble.Of(new HttpRequestException("Connection refused"));

    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 10, 51, 0, TimeSpan.Zero));
    private readonly BucketWatch _watch;
    private int _changes;

    public BucketWatchTests()
    {
        _watch = new(_time);
        _watch.Changed += () => _changes++;
    }

    private long Now => _time.GetTimestamp();

    [Fact]
    public void Nothing_is_known_before_the_first_answer()
    {
        Assert.Null(_watch.View);
        Assert.True(_watch.NeedsProbe(TimeSpan.FromSeconds(5)));
        _watch.ProbePassed(byUpload: false);
        Assert.True(_watch.View!.Well);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void It_is_away_since_the_first_attempt_that_failed_began_with_the_newest_reason()
    {
        var began = Now;
        _time.Advance(TimeSpan.FromSeconds(3));
        _watch.ProbeFailed(Unreachable, began);
        var since = _time.GetUtcNow() - TimeSpan.FromSeconds(3);
        Assert.Equal(Coordination.ServerView.Away(since, "The bucket cannot be reached: Connection refused."), _watch.View);

        _time.Advance(TimeSpan.FromMinutes(2));
        _watch.UploadFailed(BucketTrouble.Of(new BucketException(HttpStatusCode.ServiceUnavailable, "backend error")), "gate/1", Now);
        Assert.Equal(Coordination.ServerView.Away(since, "The bucket answers with a fault: 503 backend error."), _watch.View);
        Assert.Equal("gate/1", _watch.Unproven);

        _watch.Stored();
        Assert.True(_watch.View!.Well);
        Assert.Null(_watch.Unproven);
        Assert.Equal(3, _changes);
    }

    [Fact]
    public void A_probe_without_an_answer_is_believed_at_the_second_one_and_then_since_the_first()
    {
        var silence = BucketTrouble.Of(new TimeoutException("no answer within 3 s"));
        _watch.ProbeFailed(silence, Now);
        Assert.Null(_watch.View);
        Assert.True(_watch.IsInDoubt);
        _watch.ProbePassed(byUpload: false);
        Assert.False(_watch.IsInDoubt);
        _watch.ProbeFailed(silence, Now);
        Assert.True(_watch.View!.Well);

        var since = _time.GetUtcNow();
        _watch.Stored();
        _watch.ProbeFailed(silence, Now);
        _time.Advance(TimeSpan.FromSeconds(8));
        _watch.ProbeFailed(silence, Now);
        Assert.Equal(Coordination.ServerView.Away(since, "The bucket does not answer: no answer within 3 s."), _watch.View);
        Assert.False(_watch.IsInDoubt);
    }

    [Fact]
    public void A_refusal_is_believed_at_once()
    {
        _watch.ProbePassed(byUpload: false);
        _watch.ProbeFailed(Unreachable, Now);
        Assert.False(_watch.View!.Well);
    }

    [Fact]
    public void While_uploads_are_stored_no_probe_is_needed_and_after_a_failure_one_always_is()
    {
        var quiet = TimeSpan.FromSeconds(5);
        _watch.Stored();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_watch.NeedsProbe(quiet));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_watch.NeedsProbe(quiet));
        _watch.Stored();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _watch.UploadFailed(Unreachable, "gate/1", Now);
        Assert.True(_watch.NeedsProbe(quiet));
    }

    [Fact]
    public void That_the_bucket_can_be_read_proves_nothing_of_an_upload_that_failed()
    {
        _watch.UploadFailed(Unreachable, "gate/1", Now);
        _watch.ProbePassed(byUpload: false);
        Assert.False(_watch.View!.Well);
        _watch.ProbePassed(byUpload: true);
        Assert.True(_watch.View.Well);
    }

    [Fact]
    public void An_upload_that_began_is_what_a_probe_asks_for_until_the_bucket_takes_something()
    {
        _watch.Began("gate/1");
        _watch.Began("gate/2");
        _watch.ProbePassed(byUpload: false);
        Assert.Equal("gate/1", _watch.Unproven);
        _watch.ProbePassed(byUpload: true);
        Assert.Null(_watch.Unproven);
        _watch.Began("gate/3");
        _watch.Stored();
        Assert.Null(_watch.Unproven);
        Assert.True(_watch.View!.Well);
    }

    [Fact]
    public void An_upload_that_failed_says_nothing_where_another_was_stored_meanwhile()
    {
        var began = Now;
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.Stored();
        _watch.UploadFailed(Unreachable, "gate/1", began);
        _watch.ProbeFailed(Unreachable, began);
        Assert.True(_watch.View!.Well);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_not_the_buckets_fault()
    {
        _watch.Stored();
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.UploadFailed(BucketTrouble.Of(new UnauthorizedAccessException("Access to the path is denied.")), "gate/1", Now);
        Assert.True(_watch.View!.Well);
    }

    [Fact]
    public void A_bucket_that_lets_probes_pass_and_stores_nothing_is_not_well_until_it_stores()
    {
        void Fail()
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _watch.UploadFailed(Unreachable, "gate/1", Now);
        }
        Fail();
        _watch.ProbePassed(byUpload: true);
        Assert.True(_watch.View!.Well);
        Fail();
        _watch.ProbePassed(byUpload: true);
        Assert.False(_watch.View.Well);
        _watch.Stored();
        Assert.True(_watch.View.Well);

        // Where nothing was tried again for long, a probe is believed.
        Fail();
        _watch.ProbePassed(byUpload: true);
        Fail();
        _time.Advance(TimeSpan.FromMinutes(3));
        _watch.ProbePassed(byUpload: true);
        Assert.True(_watch.View.Well);
    }

    [Fact]
    public void A_new_outage_long_after_one_that_a_probe_ended_is_ended_by_a_probe_too()
    {
        _watch.ProbeFailed(Unreachable, Now);
        _watch.ProbePassed(byUpload: false);
        _time.Advance(TimeSpan.FromHours(5));
        _watch.UploadFailed(Unreachable, "gate/1", Now);
        _time.Advance(TimeSpan.FromSeconds(5));
        _watch.ProbePassed(byUpload: true);
        Assert.True(_watch.View!.Well);
    }

    public static TheoryData<Exception, string, string> Failures => new()
    {
        { new HttpRequestException("refused (127.0.0.1:1)"), "unreachable", "The bucket cannot be reached: refused (127.0.0.1:1)." },
        {
            new HttpRequestException("no", new AuthenticationException("untrusted root")),
            "unreachable", "The bucket cannot be reached: no TLS connection: untrusted root."
        },
        { new TimeoutException("no answer within 3 s"), "timeout", "The bucket does not answer: no answer within 3 s." },
        { Answer(502, "a\nproxy's page"), "unavailable", "The bucket answers with a fault: 502 a proxy's page." },
        { Answer(429, "slow down."), "throttled", "The bucket asks for fewer requests: 429 slow down." },
        { Answer(403, "later", "rateLimitExceeded"), "throttled", "The bucket asks for fewer requests: 403 later." },
        { Answer(404, "No such bucket."), "absent", "The bucket does not exist: 404 No such bucket." },
        { Answer(401, "who?"), "denied", "The bucket refuses access: 401 who?." },
        { Answer(403, "no access"), "denied", "The bucket refuses access: 403 no access." },
        { Answer(400, "bad"), "refused", "The bucket refuses uploads: 400 bad." },
        { new CredentialException("none", new InvalidOperationException()), "credentials",
            "The credentials for the bucket do not work: none." },
        { new InvalidDataException("garbled"), "other", "The bucket cannot be used: garbled." },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Each_failure_is_told_in_one_sentence_and_one_word(Exception failure, string kind, string sentence)
    {
        var trouble = BucketTrouble.Of(failure);
        Assert.Equal((kind, sentence), (trouble.Kind, trouble.Sentence));
        Assert.Contains(kind, BucketTrouble.Kinds);
    }

    private static BucketException Answer(int status, string message, string? reason = null) =>
        new((HttpStatusCode)status, message, reason: reason);
}
