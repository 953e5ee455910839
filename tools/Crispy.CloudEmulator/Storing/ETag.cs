namespace Crispy.CloudEmulator.Storing;

/// <summary>ETags in the form of the service's own: base64 of a protobuf of varints.</summary>
internal static class ETag
{
    /// <summary>{1: generation, 2: metageneration}.</summary>
    public static string OfObject(long generation, long metageneration)
    {
        Span<byte> bytes = stackalloc byte[22];
        var length = 0;
        bytes[length++] = 0x08;
        WriteVarint(bytes, ref length, (ulong)generation);
        bytes[length++] = 0x10;
        WriteVarint(bytes, ref length, (ulong)metageneration);
        return Convert.ToBase64String(bytes[..length]);
    }

    /// <summary>{1: metageneration}.</summary>
    public static string OfBucket(long metageneration)
    {
        Span<byte> bytes = stackalloc byte[11];
        var length = 0;
        bytes[length++] = 0x08;
        WriteVarint(bytes, ref length, (ulong)metageneration);
        return Convert.ToBase64String(bytes[..length]);
    }

    private static void WriteVarint(Span<byte> bytes, ref int length, ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
    }
}
