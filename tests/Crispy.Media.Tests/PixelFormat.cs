using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>A format against ffprobe's names for it.</summary>
internal static partial class PixelFormat
{
    /// <summary>Compares a format with ffprobe's; what is not known is allowed only where that is said.</summary>
    public static void Assert(FfprobeStream judge, VideoFormat? format, bool grey, bool mayBeUnknown = false)
    {
        var named = Names().Match(judge.PixelFormat);
        Xunit.Assert.True(named.Success, judge.PixelFormat);
        var digits = named.Groups["chroma"].Value;

        // ffmpeg decodes H.264 without colour into a format that has it.
        var chroma = grey || digits.Length == 0 ? "4:0:0" : string.Join(':', digits.ToCharArray());
        int? depth = named.Groups["depth"].Success
            ? int.Parse(named.Groups["depth"].Value, System.Globalization.CultureInfo.InvariantCulture)
            : 8;
        var expected = new VideoFormat(judge.Codec, judge.Width, judge.Height, grey ? 1 : 3) { BitDepth = depth, Chroma = chroma };
        if (mayBeUnknown && format?.BitDepth is null) expected = expected with { BitDepth = null, Chroma = null };
        Xunit.Assert.Equal(expected, format! with { PixelAspect = null, IsInterlaced = null });
    }

    // yuv420p, yuvj422p, yuv444p10le, gray, gray10le
    [GeneratedRegex("^(yuvj?(?<chroma>4[0-9]{2})p|gray)(?<depth>[0-9]+)?(le)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Names();
}
