namespace Crispy.Testing;

/// <summary>NAL units behind start codes (ITU-T H.264 and H.265, annex B).</summary>
public static class NalUnits
{
    /// <summary>What stands between start codes.</summary>
    public static IReadOnlyList<byte[]> Split(byte[] stream)
    {
        var units = new List<byte[]>();
        var rest = stream.AsSpan();
        while (rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]) is >= 0 and var start)
        {
            rest = rest[(start + 3)..];
            var end = rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
            var unit = (end < 0 ? rest : rest[..end]).TrimEnd((byte)0);
            if (unit.Length > 0) units.Add(unit.ToArray());
        }
        return units;
    }
}
