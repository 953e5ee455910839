namespace Crispy.Muxing.Writing;

/// <summary>The three headers of Vorbis and Theora, which ffmpeg keeps in one of two forms.</summary>
internal static class XiphHeaders
{
    /// <summary>The headers behind Xiph's lacing, as Matroska wants them; null where the bytes are neither form.</summary>
    public static byte[]? Laced(ReadOnlySpan<byte> configuration)
    {
        if (configuration is [2, ..]) return configuration.ToArray();
        Span<Range> headers = stackalloc Range[3];
        var at = 0;
        for (var i = 0; i < 3; i++)
        {
            if (at + 2 > configuration.Length) return null;
            var length = configuration[at] << 8 | configuration[at + 1];
            headers[i] = (at + 2)..(at + 2 + length);
            at += 2 + length;
        }

        if (at > configuration.Length) return null;
        var bytes = new ByteBuilder().Byte(2);
        foreach (var header in headers[..2])
        {
            var left = header.End.Value - header.Start.Value;
            for (; left >= 255; left -= 255) bytes.Byte(255);
            bytes.Byte(left);
        }

        foreach (var header in headers) bytes.Bytes(configuration[header]);
        return bytes.Written.ToArray();
    }
}
