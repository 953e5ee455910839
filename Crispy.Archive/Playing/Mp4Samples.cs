using System.Buffers.Binary;

namespace Crispy.Archive.Playing;

/// <summary>Reads the samples of a track fragment: <c>tfhd</c> and <c>trun</c>, ISO/IEC 14496-12, sections 8.8.7 and 8.8.8.</summary>
internal static class Mp4Samples
{
    /// <returns>Each sample's duration and composition offset, in the track's units.</returns>
    public static IEnumerable<(uint Duration, int Offset)> Read(byte[] fragment, Mp4Box traf, uint trackDuration)
    {
        var defaultDuration = Mp4Boxes.Find(fragment, traf, "tfhd") is { } header
            ? DefaultDuration(fragment, header) ?? trackDuration
            : trackDuration;
        foreach (var run in Mp4Boxes.Within(fragment, traf).Where(box => box.Type == "trun"))
        {
            var (flags, count) = (Number(fragment, run.Content) & 0xFFFFFF, Number(fragment, run.Content + 4));
            var at = run.Content + 8 + ((flags & 0x1) != 0 ? 4 : 0) + ((flags & 0x4) != 0 ? 4 : 0);
            for (; count > 0 && at <= run.End; count--)
            {
                var duration = (flags & 0x100) != 0 ? Next(fragment, ref at) : defaultDuration;
                if ((flags & 0x200) != 0) at += 4;
                if ((flags & 0x400) != 0) at += 4;
                yield return (duration, (flags & 0x800) != 0 ? (int)Next(fragment, ref at) : 0);
            }
        }
    }

    private static uint? DefaultDuration(byte[] fragment, Mp4Box header)
    {
        var flags = Number(fragment, header.Content) & 0xFFFFFF;
        if ((flags & 0x8) == 0) return null;
        return Number(fragment, header.Content + 8 + ((flags & 0x1) != 0 ? 8 : 0) + ((flags & 0x2) != 0 ? 4 : 0));
    }

    private static uint Next(byte[] bytes, ref int at)
    {
        at += 4;
        return Number(bytes, at - 4);
    }

    private static uint Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
}
