using Crispy.Archive;
using Crispy.Console.Archiving;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class MissingTimeTests(Installation installation)
{
    private static readonly DateTimeOffset Night = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("restart", "Crispy was not running")]
    [InlineData("paused", "it was paused")]
    [InlineData("Server returned 401 Unauthorized", "Server returned 401 Unauthorized")]
    [InlineData("rtsp://***@camera/live: Connection refused", "Connection refused")]
    public void A_gap_has_the_reason_that_its_stream_handle_remembers(string reason, string text)
    {
        var report = new StreamReport
        {
            Id = "gate",
            Gaps = [new(Night.AddSeconds(-30), Night.AddSeconds(1), "discontinuity"), new(Night, Night.AddMinutes(3), reason)],
        };
        Assert.Equal(text, MissingTime.Why(new(Night, Night.AddMinutes(3), GapReason.NotRecorded), report));
        Assert.NotEqual(text, MissingTime.Why(new(Night.AddHours(1), Night.AddHours(2), GapReason.NotRecorded), report));
    }

    [Theory]
    [InlineData(-3600.5, "the camera's clock was set back by 60 min")]
    [InlineData(7, "the camera's clock was set forward by 7.0 s")]
    public void A_step_of_the_cameras_clock_is_said_in_words(double seconds, string words) =>
        Assert.Equal(words, MissingTime.Words(new(Night, seconds)));

    [Fact]
    public void One_that_still_lasts_says_why_the_camera_is_away_now()
    {
        var report = new StreamReport
        {
            Id = "gate", State = StreamState.Backoff, Error = "Connection refused",
            LastChunk = new("gate/x/1", Night.AddSeconds(-3), Night),
        };
        Assert.Equal("Connection refused", MissingTime.Why(new(Night, Night.AddMinutes(3), GapReason.NotRecorded), report));
    }

    [Fact]
    public async Task The_morning_page_lists_the_gap_of_a_camera_with_its_reason_and_leads_there()
    {
        await using var opened = await installation.OpenAsync("/");
        var pause = await installation.PostAsync("/api/streams/hall/pause", new { });
        Assert.True(pause.IsSuccessStatusCode, await pause.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Assertions.Expect(opened.Tile("hall")).ToContainTextAsync("Paused");
        var stored = await installation.StoredAsync("hall");
        await installation.PostAsync("/api/streams/hall/resume", new { });
        await Testing.Until.TrueAsync(async () => await installation.StoredAsync("hall") >= stored + 3);
        var row = opened.Page.Locator("tr[data-kind=gap][data-stream=hall]").Filter(new() { HasText = "it was paused" });
        await Testing.Until.TrueAsync(async () =>
        {
            await opened.Page.GotoAsync(new Uri(installation.Address, "/morning").ToString());
            await opened.Page.Locator("[data-part=verdict]").WaitForAsync();
            return await row.CountAsync() > 0;
        });
        await row.First.GetByRole(AriaRole.Link).ClickAsync();
        await opened.Page.WaitForURLAsync("**/streams/hall?at=*");
    }
}
