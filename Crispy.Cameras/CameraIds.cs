using System.Text;

namespace Crispy.Cameras;

/// <summary>Makes ids of what people call their cameras.</summary>
public static class CameraIds
{
    // The process knows no cultures, so it cannot take letters apart by itself.
    private const string Accented = "äàáâãåæçèéêëìíîïñöòóôõøùúûüýÿšžčřěůłąęśźżńćőűß";
    private static readonly string[] Plain =
        "ae a a a a a ae c e e e e i i i i n oe o o o o o u u u ue y y s z c r e u l a e s z z n c o u ss".Split(' ');

    /// <summary>Makes an id of a name: <c>Gate 1 (north)</c> becomes <c>gate-1-north</c>;
    /// empty where no letter of it can be used.</summary>
    public static string Of(string? name)
    {
        var id = new StringBuilder();
        foreach (var sign in (name ?? "").ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(sign)) id.Append(sign);
            else if (Accented.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var place) id.Append(Plain[place]);
            else if (id.Length > 0 && id[^1] != '-') id.Append('-');
        }
        var text = id.ToString().Trim('-');
        return text.Length > 63 ? text[..63].Trim('-') : text;
    }
}
