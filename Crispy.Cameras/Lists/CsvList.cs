using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Crispy.Cameras.Lists;

/// <summary>Reads comma-separated values (RFC 4180) with headings; semicolons and tabs separate too.</summary>
internal static class CsvList
{
    private static readonly string[] Separators = [",", ";", "\t"];

    public static CameraList Read(string text)
    {
        List<ListProblem> problems = [];
        List<CameraRow> rows = [];
        var isBad = false;
        using var reader = new StringReader(text);
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = Delimiter(text), HasHeaderRecord = false, IgnoreBlankLines = false, TrimOptions = TrimOptions.Trim,
            BadDataFound = _ => isBad = true, MaxFieldSize = 64 * 1024,
        });
        IReadOnlyList<string>? fields = null;
        while (Next(parser, out var line))
        {
            var cells = parser.Record ?? [];
            if (isBad || IsOpen(parser.RawRecord))
                throw new ListException(new(line, 1),
                    "a quotation mark is not closed, or stands inside a field that does not begin with one (write \"\" for one)");
            if (cells.All(string.IsNullOrWhiteSpace) || (fields is null && IsHint(parser.RawRecord))) continue;
            if (fields is null)
            {
                fields = Headings(cells, line, problems);
                continue;
            }
            if (rows.Count == CameraList.MaxRows) throw new ListException(new(line, 1), $"it has more than {CameraList.MaxRows} cameras");
            if (problems.Count == 0) rows.Add(Row(fields, cells, line));
        }
        return problems.Count > 0 ? new([], problems) : new(rows, []);
    }

    private static bool Next(CsvParser parser, out int line)
    {
        line = parser.RawRow + 1;
        try
        {
            return parser.Read();
        }
        catch (CsvHelperException)
        {
            throw new ListException(new(parser.RawRow + 1, 1), "it cannot be read on from here: look at quotation marks and separators");
        }
    }

    private static string[] Headings(string[] cells, int line, List<ListProblem> problems)
    {
        var fields = new string[cells.Length];
        for (var index = 0; index < cells.Length; index++)
        {
            fields[index] = Fields.Of(cells[index]) ?? "";
            var place = new Place(line, index + 1);
            if (fields[index].Length == 0)
                problems.Add(new(place, null, "the first line has the names of the columns, and " + Fields.Unknown(cells[index])));
            else if (Array.IndexOf(fields, fields[index], 0, index) >= 0) problems.Add(new(place, fields[index], "is a column twice"));
        }
        return fields;
    }

    private static CameraRow Row(IReadOnlyList<string> fields, string[] cells, int line)
    {
        var row = new RowReader(new(line, 1));
        for (var index = 0; index < fields.Count; index++)
        {
            var place = new Place(line, index + 1);
            if (index < cells.Length) row.Add(fields[index], cells[index], place);
        }
        if (cells.Length > fields.Count)
            row.Wrong(new(line, fields.Count + 1), null,
                $"the line has {cells.Length} fields, and there are {fields.Count} columns: quote a field that holds a separator");
        return row.Finish();
    }

    // Some spreadsheets write a line sep=; before the headings.
    private static bool IsHint(string line) =>
        line.Trim() is { Length: 5 } hint && hint.StartsWith("sep=", StringComparison.OrdinalIgnoreCase);

    // What stands most often in the first line.
    private static string Delimiter(string text)
    {
        var first = text.TrimStart().Split('\n')[0];
        if (IsHint(first)) return first.Trim()[4..];
        return Separators.MaxBy(sign => first.Split(sign).Length)!;
    }

    private static bool IsOpen(string record) => record.Count(sign => sign == '"') % 2 == 1;
}
