using System.Globalization;

namespace Crispy.Exporting;

/// <summary>Holds the pictures of a joined video against those of the chunks that it was joined from. It goes packet by packet, in order,
/// and decodes none.</summary>
/// <param name="tools">ffmpeg.</param>
public sealed class PacketComparison(FfmpegTools tools)
{
    // What containers hold beside the pictures or among them, as they need: parameter sets and delimiters.
    // Filtering gives both the same framing, too.
    private static readonly Dictionary<string, string> Alike = new(StringComparer.Ordinal)
    {
        ["h264"] = "filter_units=remove_types=7|8|9", ["hevc"] = "filter_units=remove_types=32|33|34|35",
    };

    /// <summary>Compares.</summary>
    /// <param name="video">The video.</param>
    /// <param name="chunks">The files of its chunks, in order.</param>
    /// <param name="codec">Of its pictures, as ffmpeg names it.</param>
    /// <param name="folder">For a small file that is deleted again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The number of the first picture that differs, from 0; null where all are the same.</returns>
    /// <exception cref="ExportException">ffmpeg cannot read one of them.</exception>
    public async Task<long?> FirstDifferenceAsync(string video, IEnumerable<string> chunks, string codec, string folder,
        CancellationToken cancellation)
    {
        var list = Path.Combine(folder, $".{Guid.NewGuid():N}.ffconcat");
        await File.WriteAllLinesAsync(list,
            ["ffconcat version 1.0", .. chunks.Select(chunk => $"file '{Quoted(Path.GetFullPath(chunk))}'")], cancellation)
            .ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var (one, other) = (new Packets(), new Packets());
            var reading = Task.WhenAll(ReadAsync(["-i", video], codec, one, end.Token),
                ReadAsync(["-f", "concat", "-safe", "0", "-i", list], codec, other, end.Token));
            var difference = await CompareAsync(one, other, end.Token).ConfigureAwait(false);
            if (difference is null) await reading.ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return difference;
        }
        finally
        {
            File.Delete(list);
        }
    }

    private static async Task<long?> CompareAsync(Packets one, Packets other, CancellationToken cancellation)
    {
        for (long number = 0; ; number++)
        {
            var (left, right) =
                (await one.NextAsync(cancellation).ConfigureAwait(false), await other.NextAsync(cancellation).ConfigureAwait(false));
            if (left != right) return number;
            if (left is null) return null;
        }
    }

    private async Task ReadAsync(string[] input, string codec, Packets packets, CancellationToken cancellation)
    {
        string[] filter = Alike.TryGetValue(codec, out var alike) ? ["-bsf:v", alike] : [];
        string[] arguments = ["-v", "error", "-nostdin", "-copyts", .. input, "-map", "0:V:0", "-c", "copy", "-copyinkf", .. filter, "-f",
            "framehash", "-hash", "sha256", "pipe:1"];
        try
        {
            await tools.ReadAsync("ffmpeg", arguments, null, output => CopyAsync(output, packets, cancellation), cancellation)
                .ConfigureAwait(false);
            packets.End(null);
        }
        catch (Exception failed)
        {
            packets.End(failed);
            throw;
        }
    }

    // "0,   dts,   pts, duration,   size, hash"; what describes the stream begins with #.
    private static async Task CopyAsync(StreamReader output, Packets packets, CancellationToken cancellation)
    {
        while (await output.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith('#') || line.Split(',') is not [_, _, _, _, var size, var hash, ..]) continue;
            await packets.AddAsync(string.Create(CultureInfo.InvariantCulture, $"{size.Trim()} {hash.Trim()}"), cancellation)
                .ConfigureAwait(false);
        }
    }

    private static string Quoted(string path) => path.Replace("'", @"'\''", StringComparison.Ordinal);

    private sealed class Packets
    {
        private readonly System.Threading.Channels.Channel<string> _read = System.Threading.Channels.Channel.CreateBounded<string>(1000);

        public ValueTask AddAsync(string packet, CancellationToken cancellation) => _read.Writer.WriteAsync(packet, cancellation);

        public void End(Exception? failure) => _read.Writer.TryComplete(failure);

        /// <returns>Null behind the last one.</returns>
        public async Task<string?> NextAsync(CancellationToken cancellation)
        {
            try
            {
                return await _read.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false)
                    && _read.Reader.TryRead(out var packet) ? packet : null;
            }
            catch (Exception failed) when (failed is not ExportException && failed.InnerException is ExportException cause)
            {
                throw cause;
            }
        }
    }
}
