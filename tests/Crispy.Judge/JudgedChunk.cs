namespace Crispy.Judge;

/// <summary>A chunk with all that is found out about it.</summary>
internal sealed class JudgedChunk(ManifestView manifest, MediaFile media)
{
    public ManifestView Manifest { get; } = manifest;

    public MediaFile Media { get; } = media;

    /// <summary>For each decoded picture the source's picture that it is; -1 where it is none.</summary>
    public int[] Matches { get; } = [.. Enumerable.Repeat(-1, media.Pictures.Count)];

    /// <summary>Those that are none of the source's and that its edit list hides.</summary>
    public int HiddenShown { get; set; }

    /// <summary>Those that are none of the source's.</summary>
    public int Extra { get; set; }

    /// <summary>Those of them that stand before the first that is the source's.</summary>
    public int ExtraInFront { get; set; }

    /// <summary>Pictures of the source that belong here and that a decoder does not show.</summary>
    public List<int> Missing { get; } = [];

    /// <summary>The time in the file at which <c>from</c> is: that of its earliest picture, hidden ones left out.</summary>
    public double Base { get; } = media.Video.Where(packet => packet.Pts is not null && !packet.IsHidden)
        .Select(packet => packet.Pts!.Value).DefaultIfEmpty(0).Min();

    /// <summary>Seconds from <see cref="Base"/> to <c>from</c>. The pictures that the source hides come first in a container that cannot
    /// hide them, whether or not a decoder shows them.</summary>
    public double Front { get; } = manifest.HiddenPictures > 0 && !media.Video.Any(packet => packet.IsHidden) ? manifest.HiddenSeconds : 0;

    /// <summary>Seconds from the epoch's first <c>from</c> to this chunk's.</summary>
    public double At { get; set; }

    /// <summary>The time of the source at which <c>from</c> is; null where no picture says so.</summary>
    public double? SourceFrom { get; set; }

    public double WorstError { get; set; }

    public int Right => Matches.Count(match => match >= 0);

    /// <summary>Half a tick of rounding at both ends.</summary>
    public double Tolerance => Math.Max(Media.Tick, 1e-6) + 2e-6;

    /// <summary>Seconds from <c>from</c> to a picture; null where the file gives it no time.</summary>
    public double? Position(int picture) => Media.Pictures[picture].Time is { } time ? time - Base - Front : null;
}
