using System.Text;

namespace Crispy.Cameras.Lists;

/// <summary>Makes text of bytes, and tells what kind of text it is.</summary>
internal static class ListText
{
    private static readonly UTF8Encoding Strict = new(false, true);

    /// <returns>Null where it is no text that can be read.</returns>
    public static string? Decode(byte[] bytes, out string? mistake)
    {
        mistake = null;
        try
        {
            if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
                return new UnicodeEncoding(bytes[0] == 0xFE, false, true).GetString(bytes, 2, bytes.Length - 2);
            var begin = bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;
            if (Array.IndexOf(bytes, (byte)0) >= 0)
            {
                mistake = "it is no text in UTF-8: save it as UTF-8 (\"CSV UTF-8\" in a spreadsheet)";
                return null;
            }
            return Strict.GetString(bytes, begin, bytes.Length - begin);
        }
        catch (ArgumentException)
        {
            mistake = "it is neither UTF-8 nor UTF-16 with its mark: save it as UTF-8 (\"CSV UTF-8\" in a spreadsheet)";
            return null;
        }
    }

    /// <summary>Whether a file is YAML, by its name or else by its first line.</summary>
    public static bool IsYaml(string? name, string text)
    {
        switch (Path.GetExtension(name ?? "").ToLowerInvariant())
        {
            case ".yaml" or ".yml": return true;
            case ".csv" or ".tsv": return false;
        }
        var first = text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#') ?? "";
        return first is "---" or "-" || first.StartsWith("- ", StringComparison.Ordinal) || first is "streams:" or "cameras:";
    }
}
