using Crispy.Contracts.Api;

namespace Crispy.Contracts.Tests.Api;

public sealed class DutyJudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 53, 0, TimeSpan.Zero);

    private static readonly DutyReport Well = new()
    {
        At = Now,
        Cameras = new(3, 3, 0, 0),
        Bucket = new(true, Now.AddHours(-1), null),
        Broker = new(true, Now.AddHours(-1), null),
        Redis = new(true, Now.AddHours(-1), null),
        Waiting = new(2, 4_000_000, Now.AddSeconds(-1)),
        Disk = new(2_000_000_000, 2_147_483_648, 1_500_000, 1333, false, false),
        Recent = new(Now.AddHours(-1), 0, 0),
    };

    [Fact]
    public void While_all_is_well_it_says_so_and_names_nothing()
    {
        var report = DutyJudge.Judge(Well);
        Assert.Equal((Level.Good, "3 recording, all well", 0), (report.Level, report.Text, report.Items.Count));
    }

    [Theory]
    [InlineData(15 * 24, Level.Good, "")]
    [InlineData(9 * 24, Level.Warning, "The certificate of RabbitMQ ends in 9 days")]
    [InlineData(40, Level.Bad, "The certificate of RabbitMQ ends in 40 h")]
    [InlineData(-3, Level.Bad, "The certificate of RabbitMQ ended 3 h ago")]
    public void A_certificate_is_told_of_two_weeks_before_its_end(int hours, Level level, string text)
    {
        var report = DutyJudge.Judge(Well
            with { Certificates =
                [new("The certificate of Redis", Now.AddDays(90)), new("The certificate of RabbitMQ", Now.AddHours(hours))] });
        Assert.Equal(level, report.Level);
        if (level != Level.Good)
            Assert.Equal((DutyKind.Certificate, text, text), (report.Items[0].Kind, report.Items[0].Text, report.Text));
    }

    [Fact]
    public void Of_a_certificate_that_several_see_the_earliest_end_counts()
    {
        var merged = DutyJudge.Merge(
            [Well with { Certificates = [new("a", Now.AddDays(90)), new("b", Now.AddDays(3))] },
                Well with { Certificates = [new("a", Now.AddDays(5))] }], [], Now);
        Assert.Equal([new("b", Now.AddDays(3)), new CertificateDuty("a", Now.AddDays(5))], merged.Certificates);
    }

    [Theory]
    [InlineData(5, Level.Warning)]
    [InlineData(51, Level.Bad)]
    public void A_bucket_that_is_away_is_named_first_with_the_time_the_reason_and_what_waits(int seconds, Level level)
    {
        var report = DutyJudge.Judge(Well with
        {
            Bucket = new(false, Now.AddSeconds(-seconds), "connection refused"),
            Waiting = new(149, 88_000_000, Now.AddSeconds(-seconds)),
            Disk = Well.Disk with { SecondsLeft = 4 * 3600 },
        });
        var item = report.Items[0];
        Assert.Equal((DutyKind.Bucket, level, level), (item.Kind, item.Level, report.Level));
        Assert.Equal($"The bucket cannot be used since {Now.AddSeconds(-seconds):HH:mm:ss} UTC: connection refused", report.Text);
        Assert.Equal("149 chunks wait in the spool, 88 MB, and nothing is lost while it has room: 4 h more.", item.Advice);
    }

    [Fact]
    public void Redis_alone_never_is_bad_and_a_bucket_that_is_not_known_meanwhile_is_not_called_away()
    {
        var report = DutyJudge.Judge(Well with
        {
            Redis = new(false, Now.AddHours(-2), "it does not answer"),
            Bucket = new(null, Now.AddHours(-2), "Redis, through which the upload-workers tell it, cannot be used"),
        });
        Assert.Equal([(DutyKind.Redis, Level.Warning)], report.Items.Select(item => (item.Kind, item.Level)));
    }

    [Fact]
    public void No_upload_worker_at_all_is_bad()
    {
        var item = Assert.Single(
            DutyJudge.Judge(Well with { Bucket = new(null, Now.AddMinutes(-1), "no upload-worker tells of itself") }).Items);
        Assert.Equal((DutyKind.Workers, Level.Bad), (item.Kind, item.Level));
    }

    [Fact]
    public void The_disk_is_short_only_while_nothing_is_stored()
    {
        var shortDisk = Well with { Disk = Well.Disk with { SecondsLeft = 71 } };
        Assert.Empty(DutyJudge.Judge(shortDisk).Items);
        var report = DutyJudge.Judge(shortDisk with { Waiting = new(40, 1, Now.AddMinutes(-2)) });
        Assert.Equal([(DutyKind.Disk, Level.Bad), (DutyKind.Waiting, Level.Warning)], report.Items.Select(item => (item.Kind, item.Level)));
        Assert.Equal("The spool is full in 71 s", report.Text);
    }

    [Fact]
    public void Cameras_losses_dead_letters_and_the_law_are_each_told()
    {
        var report = DutyJudge.Judge(Well with { Cameras = new(3, 1, 2, 0), Recent = new(Now.AddDays(-1), 7, 1), Dead = 1, Balance = -2 });
        Assert.Equal(
            [(DutyKind.Cameras, Level.Bad, "2 cameras do not record"),
                (DutyKind.Law, Level.Bad, "-2 chunks are neither stored nor waiting nor told of"),
                (DutyKind.Losses, Level.Warning, "7 chunks were lost since 10:53:00 UTC"), (DutyKind.Dead, Level.Warning, "1 dead letter")],
            report.Items.Select(item => (item.Kind, item.Level, item.Text)));
    }

    [Fact]
    public void Of_several_the_numbers_are_added_the_worst_is_kept_and_those_that_are_away_are_named()
    {
        var other = Well
            with { Cameras = new(2, 1, 1, 0), Bucket = new(false, Now.AddMinutes(-5), "no answer"),
                Waiting = new(5, 10, Now.AddMinutes(-5)) };
        var report = DutyJudge.Merge([Well, other], [new("http://third", "connection refused")], Now);
        Assert.Equal((5, 4, 1), (report.Cameras.Total, report.Cameras.Recording, report.Cameras.InTrouble));
        Assert.Equal((false, 7L, Now.AddMinutes(-5)), (report.Bucket.Well, report.Waiting.Chunks, report.Waiting.Since));
        Assert.Equal(DutyKind.StreamHandle, report.Items[0].Kind);
        Assert.Contains(report.Items, item => item is { Kind: DutyKind.Bucket, Level: Level.Bad });
    }

    [Fact]
    public void Of_several_each_number_is_added_and_of_two_that_are_away_the_one_that_went_first_is_kept()
    {
        var one = Well with
        {
            Cameras = new(9, 4, 2, 3), Waiting = new(2, 100, Now.AddSeconds(-7)), Recent = new(Now.AddHours(-2), 5, 6), Dead = 7,
            Broker = new(false, Now.AddMinutes(-3), "first"), Balance = 3,
        };
        var other = Well with
        {
            Cameras = new(6, 3, 1, 2), Waiting = new(3, 20, Now.AddSeconds(-9)), Recent = new(Now.AddHours(-1), 50, 60), Dead = 70,
            Broker = new(false, Now.AddMinutes(-1), "second"),
        };
        foreach (var merged in new[] { DutyJudge.Merge([one, other], [], Now), DutyJudge.Merge([other, one], [], Now) })
        {
            Assert.Equal(new(15, 7, 3, 5), merged.Cameras);
            Assert.Equal(new(5, 120, Now.AddSeconds(-9)), merged.Waiting);
            Assert.Equal(new(Now.AddHours(-1), 55, 66), merged.Recent);
            Assert.Equal((77L, 3L, "first"), (merged.Dead, merged.Balance, merged.Broker.Reason));
            Assert.Null(merged.Away);
        }
        // One that nothing waits at says no time.
        var idle = Well with { Waiting = new(0, 0, null) };
        Assert.Equal(Now.AddSeconds(-1), DutyJudge.Merge([idle, Well], [], Now).Waiting.Since);
        Assert.Equal(Now.AddSeconds(-1), DutyJudge.Merge([Well, idle], [], Now).Waiting.Since);
    }

    [Fact]
    public void Of_several_disks_the_full_one_counts_and_then_the_one_that_is_full_first()
    {
        // Nothing is recorded there any longer, so nobody can say how long it lasts.
        var full = Well with { Disk = new(0, 1000, 0, null, true, false) };
        var shorter = Well with { Disk = Well.Disk with { SecondsLeft = 50 } };
        var endless = Well with { Disk = Well.Disk with { SecondsLeft = null } };
        AssertMerged(full, Well);
        AssertMerged(shorter, Well);
        AssertMerged(Well, endless);

        static void AssertMerged(DutyReport expected, DutyReport other)
        {
            Assert.Equal(expected.Disk, DutyJudge.Merge([expected, other], [], Now).Disk);
            Assert.Equal(expected.Disk, DutyJudge.Merge([other, expected], [], Now).Disk);
        }
    }

    [Theory]
    [InlineData(false, "The spool is full", "Live cameras lose chunks or stop, as each is set; files are held back. Give the spool more "
        + "room, or get the bucket back.")]
    [InlineData(true, "The volume is full by others' files", "Make room on the volume: chunks that wait are kept, new ones are lost or "
        + "held back.")]
    public void A_full_disk_says_whose_files_fill_it(bool others, string text, string advice)
    {
        var item = Assert.Single(DutyJudge.Judge(Well with { Disk = Well.Disk with { IsFull = true, IsOthers = others } }).Items);
        Assert.Equal((DutyKind.Disk, Level.Bad, text, advice), (item.Kind, item.Level, item.Text, item.Advice));
    }

    [Theory]
    [InlineData(3601, null)]
    [InlineData(3600, Level.Warning)]
    [InlineData(900, Level.Warning)]
    [InlineData(899, Level.Bad)]
    public void A_disk_of_an_hour_is_short_and_of_a_quarter_bad(double left, Level? expected)
    {
        var items = DutyJudge.Judge(Well
            with { Disk = Well.Disk with { SecondsLeft = left }, Waiting = new(40, 1, Now.AddMinutes(-2)) }).Items;
        Assert.Equal(expected, items.FirstOrDefault(item => item.Kind == DutyKind.Disk)?.Level);
    }

    [Fact]
    public void Whom_nothing_is_asked_of_is_told_what_is()
    {
        Assert.Equal("No cameras yet", DutyJudge.Judge(Well with { Cameras = new(0, 0, 0, 0) }).Text);
        Assert.Equal("Nothing records, as is wanted", DutyJudge.Judge(Well with { Cameras = new(2, 0, 0, 2) }).Text);
    }

    [Fact]
    public void Each_trouble_comes_with_what_is_to_do()
    {
        var report = DutyJudge.Merge([Well with
        {
            Bucket = new(null, Now.AddMinutes(-1), "no upload-worker tells of itself"), Broker = new(false, null, null),
            Cameras = new(3, 1, 2, 0), Waiting = new(149, 88_000_000, Now.AddMinutes(-2)), Recent = new(Now.AddDays(-1), 7, 1), Dead = 1,
            Balance = -2,
            Disk = Well.Disk with { SecondsLeft = 1200 },
        }], [new("http://one", "refused")], Now);
        Assert.Equal(
            [
                "stream-handle at http://one does not answer: refused|What is shown of its cameras is as it was before. Look whether the "
                    + "process runs, and at its log.",
                "Nothing is stored: no upload-worker tells of itself|Start an upload-worker, or look at its log.",
                "2 cameras do not record|The page Streams names them with the reason.",
                "-2 chunks are neither stored nor waiting nor told of|Somebody else changed the spool. See the page on operations, \"out "
                    + "of balance\".",
                "RabbitMQ cannot be used|149 chunks wait in the spool, 88 MB, and nothing is lost while it has room: 20 min more.",
                "The spool is full in 20 min|Get the bucket back, or give the spool more room (Crispy:Spool:MaxBytes).",
                "149 chunks wait, the oldest for 2 min|They are stored when bucket, RabbitMQ and upload-workers are well again.",
                "7 chunks were lost since 10:53:00 UTC|Each has a signed record with its reason, on the page Losses.",
                "1 dead letter|No retry can store them. The page Dead letters says why, replays or discards.",
            ], report.Items.Select(item => $"{item.Text}|{item.Advice}"));
    }

    [Fact]
    public void Without_any_that_answers_nothing_is_called_well()
    {
        var report = DutyJudge.Merge([], [new("http://one", "connection refused")], Now);
        Assert.Equal((Level.Bad, (bool?)null), (report.Level, report.Bucket.Well));
    }
}
