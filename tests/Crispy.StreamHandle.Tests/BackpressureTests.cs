namespace Crispy.StreamHandle.Tests;

public sealed class BackpressureTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_spool_holds_a_file_back_and_room_lets_it_go_on_without_loss()
    {
        const long bound = 4 << 20;
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 120, video: "libx264 -preset ultrafast -qp 12", size: "640x360");
        var size = new FileInfo(clip).Length;
        Assert.True(size > 5 * bound, $"the clip has only {size} bytes");
        await using var handle =
            await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip, ["Window"] = "1" })
            .With("Crispy__Spool__MaxBytes", $"{bound}").With("Crispy__Spool__MaxPendingSegments", "4").StartAsync();
        await handle.UntilAsync("gate", stream => stream.Paused, "the file is held back");

        long most = 0, frames = 0;
        var seen = new HashSet<long>();
        await Until.TrueAsync(async () =>
        {
            most = Math.Max(most, Directory.EnumerateFiles(handle.Spool.Root, "*.mkv", SearchOption.AllDirectories)
                .Sum(path => File.Exists(path) ? new FileInfo(path).Length : 0));
            // A worker that stores everything it finds.
            foreach (var chunk in handle.Ready("gate"))
            {
                Assert.True(seen.Add(chunk.Manifest.Sequence));
                frames += chunk.Manifest.Frames;
                File.Delete(Path.ChangeExtension(chunk.Path, ".json"));
                File.Delete(chunk.Path);
            }
            return (await handle.StatusAsync()).Ended;
        }, TimeSpan.FromSeconds(120));
        Assert.Equal(120 * 30, frames);
        Assert.True(most < size / 2, $"{most} of {size} bytes lay in the spool at once, with a bound of {bound}");
    }
}
