using Crispy.Console.Notifying;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class IncidentsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly NotifySettings Settings = new([], null, 5 * Second, 10 * Second);

    private readonly FakeTimeProvider _clock = new(new(2026, 11, 22, 10, 51, 0, TimeSpan.Zero));
    private readonly Dictionary<string, Signal> _now = [];
    private readonly List<Notice> _told = [];
    private NotifyMemory _memory = new();
    private Incidents _incidents;

    public IncidentsTests()
    {
        _incidents = new(Settings, _memory, _clock);
        Pass(60);
    }

    [Fact]
    public void What_begins_is_told_once_after_the_hold_time_and_what_ends_too()
    {
        Set(Bucket(true));
        Pass(4);
        Assert.Empty(_told);
        Pass(600);
        var begin = Assert.Single(_told);
        Assert.Equal((NoticeState.Begin, "bucket", Level.Bad, "The bucket is away"), (begin.State, begin.Key, begin.Level, begin.Text));
        Set(Bucket(false));
        Pass(4);
        Assert.Single(_told);
        Pass(600);
        Assert.Equal(2, _told.Count);
        var end = _told[1];
        Assert.Equal((NoticeState.End, "bucket", Level.Good, Level.Bad), (end.State, end.Key, end.Level, end.Worst));
        Assert.Equal("The bucket is back, after 10 min", end.Text);
        Assert.NotEqual(begin.Id, end.Id);
        Assert.Matches("^msg_[0-9a-f]{32}$", end.Id);
        Assert.Empty(_memory.Open);
    }

    [Fact]
    public void What_flaps_faster_than_the_hold_time_is_not_told_in_either_direction()
    {
        for (var turn = 0; turn < 20; turn++)
        {
            Set(Bucket(turn % 2 == 0));
            Set(Camera("gate", turn % 2 == 0));
            Pass(4);
        }
        Assert.Empty(_told);
        Set(Bucket(true));
        Pass(6);
        for (var turn = 0; turn < 20; turn++)
        {
            Set(Bucket(turn % 2 != 0));
            Pass(4);
        }
        Assert.Single(_told);
    }

    [Fact]
    public void What_is_not_known_neither_begins_nor_ends_anything()
    {
        Set(Bucket(null));
        Pass(60);
        Set(Bucket(true));
        Pass(60);
        Set(Bucket(null));
        Pass(600);
        _now.Clear();
        Pass(600);
        Assert.Single(_told);
        Set(Bucket(false));
        Pass(6);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void After_a_restart_nothing_begins_or_ends_a_second_time()
    {
        Set(Bucket(true));
        Set(Camera("gate", true));
        Pass(60);
        Assert.Equal(2, _told.Count);
        Restart();
        Pass(600);
        Assert.Equal(2, _told.Count);
        Set(Bucket(false));
        Set(Camera("gate", false));
        Restart();
        Pass(600);
        Assert.Equal(["bucket", "camera/gate"], _told.Skip(2).Select(notice => notice.Key).Order());
        Restart();
        Pass(600);
        Assert.Equal(4, _told.Count);
    }

    [Fact]
    public void Servers_that_start_together_with_the_console_are_no_trouble_at_once()
    {
        Restart();
        Set(Bucket(true));
        Pass(19);
        Assert.Empty(_told);
        Pass(3);
        Assert.Single(_told);
    }

    [Fact]
    public void Cameras_that_go_away_together_are_one_message_and_so_is_their_return()
    {
        foreach (var (index, id) in Ids(12).Index())
        {
            Set(Camera(id, true));
            if (index % 2 == 1) Pass(1);
        }
        Pass(60);
        var begin = Assert.Single(_told);
        Assert.Equal("12 cameras do not record: cam-00, cam-01, cam-02 and 9 more", begin.Text);
        Assert.Equal((12, "camera/cam-00+11"), (begin.Count, begin.Key));
        Assert.Equal(Ids(12), begin.Cameras);
        foreach (var id in Ids(12)) Set(Camera(id, false));
        Pass(60);
        Assert.Equal(2, _told.Count);
        Assert.Equal((NoticeState.End, begin.Key), (_told[1].State, _told[1].Key));
        Assert.StartsWith("None of the 12 cameras is away any more", _told[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_cameras_that_went_away_together_those_that_are_back_are_told_and_the_end_comes_with_the_last()
    {
        foreach (var id in Ids(4)) Set(Camera(id, true));
        Pass(60);
        foreach (var id in Ids(3)) Set(Camera(id, false));
        Pass(60);
        Assert.Equal(NoticeState.Update, _told[^1].State);
        Assert.Equal("3 of 4 cameras are back: cam-00, cam-01, cam-02. Still away: cam-03", _told[^1].Text);
        // One of them goes again: that is something new.
        Set(Camera("cam-00", true));
        Pass(60);
        Assert.Equal((NoticeState.Begin, "camera/cam-00"), (_told[^1].State, _told[^1].Key));
        Set(Camera("cam-03", false));
        Pass(60);
        Assert.Equal((NoticeState.End, "camera/cam-00+3"), (_told[^1].State, _told[^1].Key));
        Set(Camera("cam-00", false));
        Pass(60);
        Assert.Equal((NoticeState.End, "camera/cam-00"), (_told[^1].State, _told[^1].Key));
        Assert.Equal(5, _told.Count);
        Assert.Empty(_memory.Open);
    }

    [Fact]
    public void One_camera_that_flaps_keeps_nobody_waiting_for_longer_than_twice_the_hold_time()
    {
        Set(Camera("gate", true));
        for (var second = 0; second < 22; second++)
        {
            Set(Camera("yard", second % 3 != 0));
            Pass(1);
        }
        Assert.Equal("camera/gate", Assert.Single(_told).Key);
    }

    [Fact]
    public void A_single_camera_is_told_with_its_reason_and_without_waiting_for_others()
    {
        Set(Camera("gate", true));
        Pass(9);
        Assert.Empty(_told);
        Pass(2);
        Assert.Equal(("gate does not record. No signal", "camera/gate", "gate"), (_told[0].Text, _told[0].Key,
            Assert.Single(_told[0].Cameras)));
    }

    [Fact]
    public void Names_and_errors_of_others_steer_no_chat()
    {
        Set(new(NoticeKind.Camera, "camera/gate", true, Level.Bad, "<!channel> \u202Eetag\nis \u0007away " + new string('x', 5000),
            Camera: "gate"));
        Pass(60);
        var text = Assert.Single(_told).Text;
        Assert.StartsWith("‹!channel› etag is  away xx", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 800, 1000);
    }

    [Fact]
    public void Losses_are_counted_and_told_with_their_streams()
    {
        var notice = _incidents.News(NoticeKind.Loss, new SortedDictionary<string, long> { ["gate"] = 2, ["hall"] = 5 }, "chunk was lost",
            "chunks were lost", "Look");
        Assert.Equal(("7 chunks were lost: hall 5, gate 2", "loss", NoticeState.News, 7), (notice.Text, notice.Key, notice.State,
            notice.Count));
    }

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(0, count).Select(index => $"cam-{index:00}");

    private static Signal Bucket(bool? bad) => new(NoticeKind.Bucket, "bucket", bad, Level.Bad, bad == true ? "The bucket is away"
        : "The bucket is back");

    private static Signal Camera(string id, bool bad) =>
        new(NoticeKind.Camera, $"camera/{id}", bad, Level.Bad, bad ? $"{id} does not record. No signal" : $"{id} records again",
            Camera: id);

    private void Set(Signal signal) => _now[signal.Key] = signal;

    private void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _told.AddRange(_incidents.Step([.. _now.Values]));
            _clock.Advance(Second);
        }
    }

    // What a process leaves to the next one is what its file holds.
    private void Restart()
    {
        var file = System.Text.Json.JsonSerializer.Serialize(_memory, System.Text.Json.JsonSerializerOptions.Web);
        _memory = System.Text.Json.JsonSerializer.Deserialize<NotifyMemory>(file, System.Text.Json.JsonSerializerOptions.Web)!;
        _incidents = new(Settings, _memory, _clock);
    }
}
