using Crispy.Contracts;

namespace Crispy.StreamHandle.Tests;

/// <summary>A file whose reading breaks off: its ffmpeg is killed, or it was not yet whole.</summary>
public sealed class FileBrokenOffTests(Servers servers) : IDisposable
{
    // A chunk of each second. With B-frames, a chunk's last sound comes behind the next chunk's first picture.
    private const int Gop = 30, Window = 1;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kill -s KILL $$")]
    [InlineData("exit 255")] // ffmpeg obeys SIGTERM in this way
    public async Task No_packet_is_lost_where_an_ffmpeg_ends_between_the_next_chunk_s_first_picture_and_the_last_sound(string end)
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], gop: Gop);
        // Behind the keyframes of seconds 3, 6 and 9.
        await StandIn.WriteAsync(_folder["bin"], $$"""
            case "$*" in *pipe:1*) ;; *) exec ffmpeg "$@" ;; esac
            runs=$(cat {{_folder["runs"]}} 2> /dev/null || echo 0)
            [ "$runs" -lt 3 ] || exec ffmpeg "$@"
            echo $((runs + 1)) > {{_folder["runs"]}}
            ffmpeg "$@" > {{_folder["whole.nut"]}}
            place=$(ffprobe -v quiet -show_entries packet=codec_type,pos,flags -of csv=p=0 {{_folder["whole.nut"]}} |
                awk -F, -v wanted=$((4 + 3 * runs)) 'found { print $2; exit }
                    $1 == "video" && $3 ~ /^K/ && ++keyframes == wanted { found = 1 }')
            head -c "$place" {{_folder["whole.nut"]}}
            {{end}}
            """, ffprobe: "exec ffprobe \"$@\"");
        await using var handle = new RunningStreamHandle(servers, Definition(clip)).With("Crispy__Ffmpeg__Folder", _folder["bin"]);
        await AssertNothingMissingAsync(handle, clip, seconds: 10);
        Assert.Equal("3", File.ReadAllText(_folder["runs"]).Trim());
    }

    [Theory]
    [InlineData("mkv", false)]
    [InlineData("mkv", true)]
    [InlineData("ts", false)]
    [InlineData("ts", true)]
    public async Task A_file_that_grows_while_it_is_read_is_read_to_the_end_that_it_has_then(string container, bool betweenPackets)
    {
        // So small that all that ffmpeg hands over of it fits into a pipe.
        var clip = await Clips.MakeAsync(_folder[$"clip.{container}"], seconds: 16, gop: Gop, audio: "aac -b:a 16k",
            video: "libx264 -preset veryfast -crf 40 -bf 2", size: "64x48");
        var bytes = await File.ReadAllBytesAsync(clip);
        var place = betweenPackets ? await BehindKeyframeAsync(clip, number: 13) : bytes.Length * 3 / 4;
        var growing = _folder[$"growing.{container}"];
        await File.WriteAllBytesAsync(growing, bytes[..place]);
        // Paced, so that it grows when ffmpeg has read it, and not yet all of it is recorded.
        await using var handle =
            new RunningStreamHandle(servers, new Dictionary<string, string>(Definition(growing)) { ["Realtime"] = "true" });
        await AssertNothingMissingAsync(handle, clip, seconds: 16, async () =>
        {
            await handle.UntilAsync("gate", stream => stream.Captured.Chunks > 0, "it is being read");
            await Until.TrueAsync(async () =>
                (await Command.TryAsync("pgrep", ["-x", "ffmpeg", "-P", $"{handle.ProcessId}"])).Output.Length == 0,
                what: "ffmpeg has ended");
            await using var file = File.Open(growing, FileMode.Append);
            await file.WriteAsync(bytes.AsMemory(place));
        });
        Assert.Contains("the file grew from", handle.Log, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Definition(string url) =>
        new() { ["Id"] = "gate", ["Url"] = url, ["Window"] = $"{Window}", ["Container"] = "mkv" };

    private static async Task AssertNothingMissingAsync(RunningStreamHandle handle, string clip, int seconds, Func<Task>? meanwhile = null)
    {
        await handle.StartAsync();
        if (meanwhile is not null) await meanwhile();
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "it is read");
        var report = await handle.StreamAsync("gate");
        Assert.Equal((StreamState.Ended, 30L * seconds), (report.State, report.Captured.Frames));
        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Equal(seconds, chunks.Sum(chunk => chunk.Manifest.Duration.TotalSeconds), 0.1);
        foreach (var track in (string[])["v:0", "a:0"])
        {
            var found = new List<string>();
            foreach (var chunk in chunks) found.AddRange(await Clips.PacketHashesAsync(chunk.Path, track));
            Assert.Equal(await PacketsAsync(clip, track), found);
        }
    }

    // As ffmpeg puts them into Matroska: with start codes taken away, and one frame of sound a packet.
    private static async Task<List<string>> PacketsAsync(string clip, string track)
    {
        var copy = Path.ChangeExtension(clip, ".copy.mkv");
        await Command.RunAsync("ffmpeg", "-v", "error", "-y", "-i", clip, "-map", "0", "-c", "copy", copy);
        return await Clips.PacketHashesAsync(copy, track);
    }

    private static async Task<int> BehindKeyframeAsync(string clip, int number)
    {
        var text = await Command.RunAsync("ffprobe", "-v", "error", "-show_entries", "packet=codec_type,pos,flags", "-of", "csv=p=0", clip);
        var packets = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        var keyframe = packets.Index()
            .Where(each => each.Item[0] == "video" && each.Item[2].StartsWith('K')).ElementAt(number - 1).Index;
        return int.Parse(packets[keyframe + 1][1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
