using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Judge;

/// <summary>A manifest's fields, read as plain JSON: what it does not say is null, empty or 0.</summary>
internal sealed class ManifestView(JsonObject manifest)
{
    private static readonly string[] Explaining =
        ["leadingPictures", "recoveryPictures", "hidden", "holes", "times", "seam", "unknownEnd", "rotation", "sar", "variable"];

    public string Epoch => (string?)manifest["epoch"] ?? "";

    public double From => Instant("from");

    public double To => Instant("to");

    public double Duration => (double?)manifest["duration"] ?? 0;

    public long Frames => (long?)manifest["frames"] ?? 0;

    public double Fps => (double?)manifest["fps"] ?? 0;

    public int Width => (int?)manifest["width"] ?? 0;

    public int Height => (int?)manifest["height"] ?? 0;

    public bool IsFileClock => (string?)manifest["clock"]?["source"] == "file";

    public IReadOnlyList<string> Flags => [.. manifest["flags"]?.AsArray().Select(flag => (string)flag!) ?? []];

    public int LeadingPictures => (int?)manifest["leadingPictures"] ?? 0;

    public int RecoveryPictures => (int?)manifest["recoveryPictures"] ?? 0;

    public int LateSound => (int?)manifest["lateSound"] ?? 0;

    public int HiddenPictures => (int?)manifest["hidden"]?["pictures"] ?? 0;

    public double HiddenSeconds => (double?)manifest["hidden"]?["seconds"] ?? 0;

    public string? Times => (string?)manifest["times"];

    public bool IsVariable => (bool?)manifest["variable"] ?? false;

    public bool HasUnknownEnd => (bool?)manifest["unknownEnd"] ?? false;

    public int Rotation => (int?)manifest["rotation"] ?? 0;

    public string Sar => (string?)manifest["sar"] ?? "1:1";

    public double? SeamSeconds => (double?)manifest["seam"]?["seconds"];

    public IReadOnlyList<(double At, double Seconds)> Holes =>
        [.. manifest["holes"]?.AsArray().Select(hole => ((double)hole![0]!, (double)hole[1]!)) ?? []];

    public bool Has(string flag) => Flags.Contains(flag);

    /// <summary>Which of the flags stands there; null where none does.</summary>
    public string? Any(params string[] flags) => flags.FirstOrDefault(Has);

    /// <summary>All that it says besides plain numbers.</summary>
    public string Said =>
        string.Join(' ',
            (string[])[.. Flags,
                .. Explaining.Where(name => manifest[name] is not null).Select(name => $"{name}={manifest[name]!.ToJsonString()}")]);

    // Microseconds since 1970 fit into a double.
    private double Instant(string name) => manifest[name] is { } value
        ? (DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / 10 / 1e6 : 0;
}
