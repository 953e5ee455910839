using System.Buffers.Binary;
using Crispy.Exporting;

namespace Crispy.Archive.Playing;

/// <summary>
/// A chunk as ffmpeg's MP4 muxer wrote it with <c>+delay_moov</c>: <c>ftyp moov (moof mdat)* mfra</c>. Edit lists in it hold what keeps
/// sound and picture together. Players of segments ignore edit lists. So here they are taken out of the description. What they say goes
/// into the fragments' <c>tfdt</c>, together with the segment's place in the playlist.
/// </summary>
internal sealed class FragmentedMp4 : IAsyncDisposable
{
    /// <summary>Where a playlist's time begins, in seconds: sound may begin a little before the picture, decoding before showing, and
    /// <c>tfdt</c> is unsigned.</summary>
    public const double Beginning = 10;

    // Far above any description or fragment index of an hour.
    private const int LargestInMemory = 16 << 20;

    private readonly FileStream _file;
    private readonly byte[] _description;
    private readonly List<Mp4Track> _tracks;
    private readonly long _firstFragment;

    private FragmentedMp4(FileStream file, byte[] description, List<Mp4Track> tracks, long firstFragment) =>
        (_file, _description, _tracks, _firstFragment) = (file, description, tracks, firstFragment);

    /// <summary>The initialization segment (RFC 8216, section 3.3).</summary>
    public ReadOnlyMemory<byte> Initialization => _description;

    /// <summary>Reads a file's description.</summary>
    /// <param name="file">The file; it is disposed with what is returned, or at once where nothing is.</param>
    /// <param name="rotation">By how many degrees players must turn the picture clockwise, no matter what the file says: ffmpeg takes that
    /// along from some containers only.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">It is no fragmented MP4.</exception>
    public static async Task<FragmentedMp4> ReadAsync(FileStream file, int rotation, CancellationToken cancellation)
    {
        try
        {
            return await ReadWholeAsync(file, rotation, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static async Task<FragmentedMp4> ReadWholeAsync(FileStream file, int rotation, CancellationToken cancellation)
    {
        long at = 0;
        while (await HeaderAsync(file, at, cancellation).ConfigureAwait(false) is { } box && box.Type != "moof") at += box.Size;
        if (at is 0 or > LargestInMemory) throw new InvalidDataException("no description");
        var bytes = await BytesAsync(file, 0, (int)at, cancellation).ConfigureAwait(false);
        var movie = Mp4Boxes.Within(bytes, 0, bytes.Length).FirstOrDefault(box => box.Type == "moov");
        if (movie.Type is null) throw new InvalidDataException("no moov");
        var tracks = Mp4Track.ReadAll(bytes, movie);
        foreach (var track in Mp4Boxes.Within(bytes, movie).Where(box => box.Type == "trak"))
        {
            if (Mp4Boxes.Find(bytes, track, "edts") is { } edits) "free"u8.CopyTo(bytes.AsSpan(edits.Start + 4));
        }
        Orientation.TurnTracks(bytes.AsSpan(movie.Content, movie.End - movie.Content), rotation);
        return new(file, bytes, tracks, at);
    }

    /// <summary>Writes the media segment: its first picture is shown at an offset from the playlist's beginning.</summary>
    public async Task WriteMediaAsync(Stream destination, TimeSpan offset, CancellationToken cancellation)
    {
        double? first = null;
        for (var at = _firstFragment; await HeaderAsync(_file, at, cancellation).ConfigureAwait(false) is { } box; at += box.Size)
        {
            if (box.Type == "moof")
            {
                var fragment = await BytesAsync(_file, at, (int)Math.Min(box.Size, LargestInMemory), cancellation).ConfigureAwait(false);
                first ??= FirstPicture(fragment);
                Move(fragment, Beginning + offset.TotalSeconds - first.Value);
                await destination.WriteAsync(fragment, cancellation).ConfigureAwait(false);
            }
            else if (box.Type == "mdat")
            {
                await CopyAsync(at, box.Size, destination, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>When the earliest picture of a fragment is shown, in seconds, edit lists minded.</summary>
    private double FirstPicture(byte[] fragment)
    {
        var first = double.MaxValue;
        foreach (var (track, traf) in Tracks(fragment).Where(pair => pair.Track.IsVideo))
        {
            var time = DecodeTime(fragment, traf);
            foreach (var (duration, offset) in Mp4Samples.Read(fragment, traf, track.DefaultDuration))
            {
                first = Math.Min(first, ((time + offset) / (double)track.Timescale) + track.Shift);
                time += duration;
            }
        }
        return first == double.MaxValue ? 0 : first;
    }

    private void Move(byte[] fragment, double seconds)
    {
        foreach (var (track, traf) in Tracks(fragment))
        {
            if (Mp4Boxes.Find(fragment, traf, "tfdt") is not { } box) continue;
            var time = (long)Math.Round(DecodeTime(fragment, traf) + ((track.Shift + seconds) * track.Timescale));
            if (fragment[box.Content] == 1) BinaryPrimitives.WriteInt64BigEndian(fragment.AsSpan(box.Content + 4), Math.Max(0, time));
            else BinaryPrimitives.WriteUInt32BigEndian(fragment.AsSpan(box.Content + 4), (uint)Math.Clamp(time, 0, uint.MaxValue));
        }
    }

    private IEnumerable<(Mp4Track Track, Mp4Box Fragment)> Tracks(byte[] fragment)
    {
        var movie = Mp4Boxes.Within(fragment, 0, fragment.Length).First();
        foreach (var traf in Mp4Boxes.Within(fragment, movie).Where(box => box.Type == "traf"))
        {
            if (Mp4Boxes.Find(fragment, traf, "tfhd") is not { } header) continue;
            var id = BinaryPrimitives.ReadUInt32BigEndian(fragment.AsSpan(header.Content + 4));
            if (_tracks.Find(track => track.Id == id) is { } track) yield return (track, traf);
        }
    }

    private static long DecodeTime(byte[] fragment, Mp4Box traf) => Mp4Boxes.Find(fragment, traf, "tfdt") is not { } box ? 0
        : fragment[box.Content] == 1 ? BinaryPrimitives.ReadInt64BigEndian(fragment.AsSpan(box.Content + 4))
        : BinaryPrimitives.ReadUInt32BigEndian(fragment.AsSpan(box.Content + 4));

    private async Task CopyAsync(long start, long count, Stream destination, CancellationToken cancellation)
    {
        var buffer = new byte[Math.Min(count, 128 * 1024)];
        for (var (at, end) = (start, start + count); at < end;)
        {
            var read = await RandomAccess.ReadAsync(_file.SafeFileHandle, buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - at)), at,
                cancellation).ConfigureAwait(false);
            if (read == 0) throw new InvalidDataException("the file is cut off");
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            at += read;
        }
    }

    private static async Task<(string Type, long Size)?> HeaderAsync(FileStream file, long at, CancellationToken cancellation)
    {
        if (at >= file.Length) return null;
        var bytes = await BytesAsync(file, at, (int)Math.Min(Mp4Boxes.LongestHeader, file.Length - at), cancellation).ConfigureAwait(false);
        var (type, _, size) = Mp4Boxes.Header(bytes);
        return (type, size == 0 ? file.Length - at : size);
    }

    private static async Task<byte[]> BytesAsync(FileStream file, long at, int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            var read = await RandomAccess.ReadAsync(file.SafeFileHandle, bytes.AsMemory(filled), at + filled, cancellation)
                .ConfigureAwait(false);
            if (read == 0) throw new InvalidDataException("the file is cut off");
            filled += read;
        }
        return bytes;
    }
}
