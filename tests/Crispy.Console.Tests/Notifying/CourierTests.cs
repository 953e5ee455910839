using System.Diagnostics.Metrics;
using Crispy.Console.Notifying;
using Crispy.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class CourierTests : IAsyncDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 22, 10, 51, 0, TimeSpan.Zero));
    private readonly OutboxTests.Messages _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly WebhookSender _sender;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public CourierTests() => _sender = new(_clock, (_, _) => { });

    [Fact]
    public async Task A_notice_arrives_signed_by_the_specification_and_is_forgotten()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var courier = Start(receiver, "/hook?key=of-this-test");
        Give(courier, 1);
        await Until.TrueAsync(() => courier.Pending == 0);
        var received = Assert.Single(receiver.All);
        Assert.True(received.IsSignedBy(Secret));
        Assert.Equal(("/hook?key=of-this-test", "msg_00000000000000000000000000000001", "1795344660", "application/json", "camera.unknown"),
            (received.Path, received.Id, received.Timestamp, received.ContentType, received.Type));
        Assert.Equal(_clock.GetUtcNow(), courier.LastSuccess);
        Assert.Empty(Directory.EnumerateFiles(_folder["notify"], "*.json", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(429)]
    public async Task What_is_not_taken_is_tried_again_after_growing_pauses_with_the_same_id_and_a_new_time(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (status, "/elsewhere");
            return Task.CompletedTask;
        };
        var courier = Start(receiver);
        Give(courier, 1);
        await SentAsync(receiver, 1);
        await IdleAsync(courier);
        _clock.Advance(Courier.Pauses[0] - TimeSpan.FromMilliseconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        await SentAsync(receiver, 2);
        await IdleAsync(courier);
        receiver.AnswerWith(204);
        _clock.Advance(Courier.Pauses[1] * 1.2);
        await Until.TrueAsync(() => courier.Pending == 0);
        Assert.Equal(3, receiver.All.Count);
        Assert.Single(receiver.All.Select(each => each.Id).Distinct());
        // Not before the pause is over, no matter what chance adds to it.
        var times = receiver.All.Select(each => long.Parse(each.Timestamp!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(times[1] - times[0], 5, 6);
        Assert.InRange(times[2] - times[1], 300, 360);
        Assert.All(receiver.All, each => Assert.True(each.IsSignedBy(Secret)));
        Assert.DoesNotContain(receiver.All, each => each.Path == "/elsewhere");
        // Told once when it begins, once when it is over.
        Assert.Equal(2, _log.All.Count);
    }

    [Fact]
    public async Task After_all_tries_a_notice_is_given_up_with_a_word()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(400);
        var courier = Start(receiver);
        Give(courier, 1);
        await SentAsync(receiver, 1);
        for (var tries = 1; tries <= Courier.Pauses.Count; tries++)
        {
            await IdleAsync(courier);
            _clock.Advance(Courier.Pauses[tries - 1] * 1.2);
            await SentAsync(receiver, tries + 1);
        }
        await Until.TrueAsync(() => courier.Pending == 0);
        Assert.Contains(_log.All, message => message.Contains("is given up: it answered 400", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_too_old_is_not_sent_any_more()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var courier = Start(receiver);
        courier.Take(OutboxTests.Numbered(1, at: _clock.GetUtcNow() - Courier.Oldest - TimeSpan.FromSeconds(1)));
        Give(courier, 2);
        await Until.TrueAsync(() => courier.Pending == 0);
        Assert.Equal("notice 2", Assert.Single(receiver.All).Text);
    }

    [Fact]
    public async Task A_target_that_is_back_gets_at_once_what_met_nobody()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(503);
        var courier = Start(receiver);
        Give(courier, 1);
        await SentAsync(receiver, 1);
        await IdleAsync(courier);
        receiver.AnswerWith(200);
        Give(courier, 2);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await Until.TrueAsync(() => courier.Pending == 0);
        Assert.Equal(["notice 1", "notice 2", "notice 1"], receiver.All.Select(each => each.Text));
    }

    [Fact]
    public async Task A_begin_that_did_not_arrive_holds_its_end_back_and_nothing_else()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (received, context) =>
        {
            context.Response.StatusCode = received.Text == "notice 1" ? 400 : 200;
            return Task.CompletedTask;
        };
        var courier = Start(receiver);
        foreach (var (number, key) in new[] { (1L, "bucket"), (2L, "bucket"), (3L, "law") })
            courier.Take(OutboxTests.Numbered(number, key, _clock.GetUtcNow()));
        courier.Wake();
        await Until.TrueAsync(() => courier.Pending == 2);
        await IdleAsync(courier);
        receiver.AnswerWith(200);
        _clock.Advance(Courier.Pauses[0] * 1.2);
        await Until.TrueAsync(() => courier.Pending == 0);
        Assert.Equal(["notice 1", "notice 3", "notice 1", "notice 2"], receiver.All.Select(each => each.Text));
    }

    [Fact]
    public async Task A_target_that_asks_for_a_pause_gets_it()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "120");
            return Task.CompletedTask;
        };
        var courier = Start(receiver);
        Give(courier, 1);
        await SentAsync(receiver, 1);
        await IdleAsync(courier);
        Give(courier, 2);
        receiver.AnswerWith(200);
        _clock.Advance(TimeSpan.FromSeconds(119));
        await IdleAsync(courier);
        Assert.Single(receiver.All);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(() => courier.Pending == 0);
    }

    [Fact]
    public async Task A_target_that_is_gone_gets_no_more_also_after_a_restart_until_a_test_arrives()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(410);
        var courier = Start(receiver);
        foreach (var number in new[] { 1, 2, 3 }) courier.Take(OutboxTests.Numbered(number, at: _clock.GetUtcNow()));
        courier.Wake();
        await Until.TrueAsync(() => courier is { IsEnded: true, IsIdle: true });
        Assert.Contains("wants no more", Assert.Single(_log.All), StringComparison.Ordinal);
        var again = Start(receiver);
        Give(again, 4);
        Assert.Equal((true, 0, 1), (again.IsEnded, again.Pending, receiver.All.Count));
        Assert.False((await again.TestAsync(Incidents.Test(_clock.GetUtcNow()), default)).Ok);
        receiver.AnswerWith(200);
        Assert.True((await again.TestAsync(Incidents.Test(_clock.GetUtcNow()), default)).Ok);
        Assert.False(again.IsEnded);
        Give(again, 5);
        await Until.TrueAsync(() => receiver.All.Count == 4);
        Assert.False(Start(receiver).IsEnded);
    }

    [Fact]
    public async Task A_slow_target_holds_up_nobody_else_and_is_not_waited_for_for_ever()
    {
        await using var slow = await WebhookReceiver.StartAsync();
        await using var quick = await WebhookReceiver.StartAsync();
        slow.Answer = (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var (late, prompt) = (Start(slow), Start(quick));
        foreach (var number in Enumerable.Range(1, 5))
        {
            Give(late, number);
            Give(prompt, number);
        }
        await Until.TrueAsync(() => prompt.Pending == 0);
        await SentAsync(slow, 1);
        Assert.Equal(5, late.Pending);
        _clock.Advance(WebhookSender.Patience);
        await Until.TrueAsync(() => late.LastFailure is not null);
        Assert.Equal("it did not answer within 15 s", late.LastFailure!.Error);
        Assert.Equal(5, late.Pending);
    }

    [Fact]
    public async Task What_a_target_says_is_told_unless_it_repeats_a_secret_and_no_message_holds_the_address()
    {
        const string path = "/services/secret-of-this-test";
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (received, context) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync(received.Path == path ? "invalid_payload\u001b[31m" : $"no such hook: {received.Path}");
        };
        Assert.Equal("it answered 400: invalid_payload [31m",
            (await Start(receiver, path).TestAsync(Incidents.Test(_clock.GetUtcNow()), default)).Error);
        Assert.Equal("it answered 400", (await Start(receiver, path + "/more").TestAsync(Incidents.Test(_clock.GetUtcNow()), default))
            .Error);
        var nobody = Start($"http://127.0.0.1:{FreePort.Next()}{path}");
        Give(nobody, 1);
        await Until.TrueAsync(() => nobody.LastFailure is not null);
        Assert.DoesNotContain(_log.All.Append(nobody.LastFailure!.Error), message => message.Contains("secret-of-this-test",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_in_the_address_signs_in_and_what_is_sent_is_what_the_template_says()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var target = Target(receiver.Address.Replace("://", "://me:p%40ss@", StringComparison.Ordinal), "{text}");
        await Start(target).TestAsync(Incidents.Test(_clock.GetUtcNow()), default);
        var received = Assert.Single(receiver.All);
        Assert.Equal(("Basic bWU6cEBzcw==", "text/plain; charset=utf-8", "This is a test of Crispy's notifications"),
            (received.Authorization, received.ContentType, received.Body));
    }

    [Fact]
    public async Task No_span_tells_the_address_and_metrics_count()
    {
        var (spans, counts) = (new List<string>(), new Dictionary<string, double>());
        using var activities = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = _ => true, ActivityStopped = span =>
                { lock (spans) spans.Add($"{span.OperationName} {string.Join(' ', span.TagObjects)}"); },
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(activities);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) =>
        {
            if (instrument.Meter.Name == NotifyTelemetry.Name && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                each.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counts) counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value;
        });
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => { lock (counts) counts[instrument.Name] = value; });
        listener.Start();
        await using var receiver = await WebhookReceiver.StartAsync();
        var courier = Start(receiver, "/secret-of-this-test");
        Give(courier, 1);
        await Until.TrueAsync(() => courier.Pending == 0);
        receiver.AnswerWith(500);
        Give(courier, 2);
        await Until.TrueAsync(() => courier.LastFailure is not null);
        listener.RecordObservableInstruments();
        Assert.Equal((1, 1, 1), (counts["crispy.notify.sent"], counts["crispy.notify.failed"], counts["crispy.notify.pending"]));
        // The receiver's own spans are this process's too: those of the client are looked for.
        Assert.DoesNotContain(spans, span => span.StartsWith("System.Net.Http", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
        _sender.Dispose();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private static NotifyTarget Target(string url, string? body = null) => NotifySettingsTests.Read(
        [("Crispy:Notify:0:Url", url), ("Crispy:Notify:0:Secret", Secret), .. body is null ? Array.Empty<(string, string)>()
            : [("Crispy:Notify:0:Body", body)]]).Targets[0];

    private static Task SentAsync(WebhookReceiver receiver, int count) => Until.TrueAsync(() => receiver.All.Count == count);

    private Courier Start(WebhookReceiver receiver, string path = "") => Start(Target(receiver.Address + path));

    private Courier Start(string url) => Start(Target(url));

    private Courier Start(NotifyTarget target)
    {
        var folder = new NotifyFolder(_folder["notify"], _log);
        Courier? courier = null;
        var telemetry = new NotifyTelemetry(_services.GetRequiredService<IMeterFactory>(), () => courier is null ? []
            : [(0, courier.Pending)]);
        courier = new(target, new(folder, target.Id, 100), folder, _sender, telemetry, _clock, _log);
        _running.Add(courier.RunAsync(_stop.Token));
        return courier;
    }

    private void Give(Courier courier, long number)
    {
        courier.Take(OutboxTests.Numbered(number, at: _clock.GetUtcNow()));
        courier.Wake();
    }

    // What a courier makes of an answer it has made when it waits again: the clock may then go on.
    private static Task IdleAsync(Courier courier) => Until.TrueAsync(() => courier.IsIdle);
}
