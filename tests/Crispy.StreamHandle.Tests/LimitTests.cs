using System.Net;
using Crispy.Contracts;
using Crispy.StreamHandle.Api;
using Crispy.StreamHandle.Events;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Crispy.StreamHandle.Tests;

/// <summary>What is too long, too large, too slow or too many.</summary>
public sealed class LimitTests(Servers servers)
{
    [Fact]
    public async Task Addresses_and_bodies_that_are_too_large_are_refused_by_name_and_size()
    {
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        foreach (var start in (string[])["rtsp://camera/", "https://user:pass@camera/?", "/clips/", "demo:?", "http://camera/#"])
        {
            var address = start + new string('a', 2049 - start.Length);
            foreach (var path in (string[])["/api/streams", "/api/streams/probe"])
            {
                var answer = await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path,
                    path.EndsWith("probe", StringComparison.Ordinal)
                        ? $$"""{"url":"{{address}}"}"""
                        : $$"""{"id":"yard","url":"{{address}}"}""");
                Assert.Contains("is longer than 2048 bytes", answer, StringComparison.Ordinal);
                Assert.Contains("\"url\"", answer, StringComparison.Ordinal);
                Assert.DoesNotContain("aaaa", answer, StringComparison.Ordinal);
            }
        }
        foreach (var (method, path, most) in ((HttpMethod, string, int)[])[(HttpMethod.Post, "/api/streams", Requests.MaxBody),
            (HttpMethod.Post, "/api/streams/probe", Requests.MaxBody), (HttpMethod.Put, "/api/streams/yard", Requests.MaxBody),
            (HttpMethod.Patch, "/api/streams/yard", Requests.MaxBody),
            (HttpMethod.Post, "/api/dead/gate/20261122T170844123Z/00000001/discard", Requests.MaxBody),
            (HttpMethod.Post, "/api/dead/replay", Requests.MaxLongBody)])
        {
            await handle.ExpectAsync(HttpStatusCode.RequestEntityTooLarge, method, path, new string(' ', most + 1));
            // Without a length, it is counted.
            var (status, _) = await RawHttp.SendAsync(handle.Address, $"{method} {path}",
                ["Host: localhost", "Content-Type: application/json", "Transfer-Encoding: chunked",
                    $"\r\n{most + 1:x}\r\n{new string(' ', most + 1)}\r\n0\r\n"]);
            Assert.Equal(413, status);
            using var fits = await handle.SendAsync(method, path, new string(' ', most - 2) + "{}");
            Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, fits.StatusCode);
        }
    }

    [Fact]
    public void An_address_of_the_configuration_has_the_same_limit()
    {
        var values = new Dictionary<string, string?> { ["Crispy:Spool:Path"] = "/tmp/x",
            ["Crispy:Signing:PrivateKey"] = SigningKey.NewPrivatePem(), ["Crispy:Api:AllowAnonymous"] = "true",
            ["Crispy:Streams:0:Id"] = "gate", ["Crispy:Streams:0:Url"] = "rtsp://camera/" + new string('a', 2048) };
        var refused = Assert.Throws<OptionsValidationException>(() =>
            Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
        Assert.Equal("Crispy:Streams:0:Url is '***': it is longer than 2048 bytes", Assert.Single(refused.Failures));
    }

    [Fact]
    public async Task There_are_64_listeners_at_most()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "/no/such/file" }).StartAsync();
        var listeners = new List<Stream>();
        for (var i = 0; i < StreamEvents.MaxListeners; i++) listeners.Add(await handle.OpenAsync("/api/events"));
        await handle.ExpectAsync(HttpStatusCode.TooManyRequests, HttpMethod.Get, "/api/events");
        await listeners[0].DisposeAsync();
        await Until.TrueAsync(async () =>
        {
            try
            {
                listeners.Add(await handle.OpenAsync("/api/events"));
                return true;
            }
            catch (HttpRequestException full) when (full.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return false;
            }
        });
        foreach (var listener in listeners) await listener.DisposeAsync();
    }

    [Fact]
    public async Task A_listener_that_takes_nothing_is_dropped_and_the_others_go_on()
    {
        using var events = new StreamEvents(TimeProvider.System, NullLogger<StreamEvents>.Instance);
        var dropped = 0;
        await using var slow = events.ListenAsync(() => [], () => dropped++, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await using var quick = events.ListenAsync(() => [], () => Assert.Fail("it takes all"), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var (first, second) = (slow.MoveNextAsync().AsTask(), quick.MoveNextAsync().AsTask());
        for (var i = 0; i < 10_000; i++)
        {
            events.Removed($"stream-{i}");
            Assert.True(await second);
            second = quick.MoveNextAsync().AsTask();
        }
        Assert.Equal(1, dropped);
        Assert.True(events.IsWatched);

        // What was kept for it is bounded too.
        var kept = await first ? 1 : 0;
        while (await slow.MoveNextAsync()) kept++;
        Assert.InRange(kept, 4096, 4097);
        events.Removed("last");
        Assert.True(await second);
    }
}
