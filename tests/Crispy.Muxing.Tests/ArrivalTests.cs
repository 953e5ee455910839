using System.Globalization;
using Crispy.Media;
using Crispy.Muxing.Cutting;
using Crispy.Testing;

namespace Crispy.Muxing.Tests;

/// <summary>Pictures that have no time but that of their arrival.</summary>
public sealed class ArrivalTests
{
    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    public async Task Pictures_that_come_all_at_once_are_so_many_still(string container)
    {
        const int pictures = 40;
        using var folder = new TempFolder();
        await Command.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", .. Carrier.Input.Split(' '), "-i",
            $"testsrc2=size=160x120:rate=10:duration={pictures / 10}", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-bsf:v", Carrier.Pictures,
            .. Carrier.Output(live: true).Split(' '), folder["pictures.nut"]]);
        var options = new CutOptions
        {
            Window = TimeSpan.FromMinutes(1), Container = container, IsLive = true, Times = TimeBasis.Arrival,
        };
        var chunks = new List<CutChunk>();
        await using (var nut = File.OpenRead(folder["pictures.nut"]))
        {
            using var cutter = new ChunkCutter(nut, options, index => folder[$"{index}.{container}"],
                new(chunks.Add, _ => { }, () => { }), new StillClock());
            cutter.Finish(cutOff: !cutter.Run(CancellationToken.None));
        }

        var chunk = Assert.Single(chunks);
        Assert.Equal((pictures, pictures), (chunk.Pictures, (int)ChunkReader.Read(chunk.Path).Frames));
        var times = (await Command.RunAsync("ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", chunk.Path))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line.Trim().TrimEnd(','), CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(times.Distinct().Order(), times);
        Assert.InRange(times[^1] - times[0], 0, 0.001 * pictures);
    }

    // Everything happens at one instant.
    private sealed class StillClock : TimeProvider
    {
        public override long GetTimestamp() => 1;
    }
}
