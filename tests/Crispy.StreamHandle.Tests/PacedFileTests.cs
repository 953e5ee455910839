using System.Net;
using Crispy.Contracts;

namespace Crispy.StreamHandle.Tests;

/// <summary>Files that are read at the speed at which they play, and what the API does to them meanwhile.</summary>
public sealed class PacedFileTests(Servers servers) : IDisposable
{
    private const double Window = 0.3;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_was_interrupted_goes_on_where_it_was_and_no_faster_than_it_plays()
    {
        await using var handle = await StartAsync();
        await PlaysAsync("made", () => AddAsync(handle));
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/pause");
        await PlaysAsync("resumed", () => handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/resume"));
        await PlaysAsync("started again", () => handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/restart"));
        await handle.KillAsync();
        await handle.EndAsync();
        await PlaysAsync("restarted after a kill", handle.StartAsync);
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/pause");

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.All(chunks, chunk => Assert.Empty(chunk.Manifest.Flags));
        Assert.Single(chunks.Select(chunk => chunk.Manifest.Epoch).Distinct());
        Assert.True(chunks[^1].Manifest.To < TimeProvider.System.GetUtcNow(), "nothing is dated ahead of the clock");
        Assert.False(handle.Spool.HasOpen("gate"), "nothing is kept that was read ahead of its time");

        async Task PlaysAsync(string what, Func<Task> begin)
        {
            var (before, began) = (Count(handle), TimeProvider.System.GetTimestamp());
            await begin();
            await Until.TrueAsync(() => Count(handle) >= before + 4, what: $"it is {what}", log: () => handle.Log);
            var played = handle.Ready("gate").Skip(before).Sum(chunk => chunk.Manifest.Duration.TotalSeconds);
            // The first chunk may have begun before.
            var passed = TimeProvider.System.GetElapsedTime(began).TotalSeconds + Window * 2;
            Assert.True(played <= passed, $"{what}: {played} s of video in {passed} s\n{handle.Log}");
        }
    }

    [Fact]
    public async Task A_file_that_was_paused_is_recorded_to_its_last_frame()
    {
        await using var handle = await StartAsync(seconds: 3);
        await AddAsync(handle);
        await Until.TrueAsync(() => Count(handle) >= 2, what: handle.Log);
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/pause");
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/gate/resume");
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Ended, "it is read");
        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Equal(90, chunks.Sum(chunk => chunk.Manifest.Frames));
        Assert.Equal([chunks[^1]], chunks.Where(chunk => chunk.Manifest.Flags.Contains(ChunkFlag.Final)));
    }

    [Fact]
    public async Task A_file_that_is_removed_while_it_is_read_vanishes_once_the_last_of_it_is_stored()
    {
        await using var handle = await StartAsync();
        await AddAsync(handle);
        await Until.TrueAsync(() => Count(handle) >= 2, what: handle.Log);
        await handle.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, "/api/streams/gate");
        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Removed, Law: { Balance: 0, Spooled: > 0 } }, "its law");
        ReadyChunk.AssertWhole(handle.Ready("gate"));
        handle.StoreLikeWorkers("gate");
        await Until.TrueAsync(async () => (await handle.GetAsync("/api/streams/gate")).StatusCode == HttpStatusCode.NotFound,
            TimeSpan.FromSeconds(30),
            "it is gone");
    }

    private static int Count(RunningStreamHandle handle) => handle.Spool.ReadyManifests("gate").Count();

    private async Task<RunningStreamHandle> StartAsync(int seconds = 60)
    {
        await Clips.MakeAsync(_folder["clip.mp4"], seconds, gop: 9, audio: "");
        return await new RunningStreamHandle(servers).StartAsync();
    }

    private Task<string> AddAsync(RunningStreamHandle handle) => handle.ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/api/streams",
        FormattableString.Invariant($$"""{"id":"gate","url":"{{_folder["clip.mp4"]}}","window":{{Window}},"realtime":true}"""));
}
