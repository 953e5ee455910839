using Spectre.Console;
using Spectre.Console.Rendering;

namespace Crispy.Cli.Terminal;

/// <summary>What of a text goes where there is no room for all of it.</summary>
internal enum Cut
{
    /// <summary>Nothing.</summary>
    Never,

    /// <summary>Its middle: beginning and end tell apart.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}

/// <summary>A column.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Cut">What of its texts goes where there is no room.</param>
/// <param name="Right">Whether it is flush right, as numbers are.</param>
/// <param name="Optional">Whether it is left out where there is no room even for shortened texts.</param>
internal sealed record Column(string Title, Cut Cut = Cut.Never, bool Right = false, bool Optional = false);

/// <summary>One cell.</summary>
/// <param name="Text">What stands in it; control characters are shown as question marks.</param>
/// <param name="Style">How; null for plain.</param>
/// <param name="Whole">Whether it goes on in the next line where there is no room, as causes do. Its column does not matter. Of the last
/// column only.</param>
internal readonly record struct Cell(string? Text, Style? Style = null, bool Whole = false)
{
    public static implicit operator Cell(string? text) => new(text);
}

/// <summary>Rows and columns that fit the terminal: long texts are shortened, and causes wrapped.</summary>
internal sealed class Listing(params Column[] columns)
{
    private const int Gap = 2;
    private const int Least = 8;

    // A cause in less than this would be a pile of syllables: other columns go first.
    private const int LeastWrapped = 28;

    private readonly List<Cell[]> _rows = [];

    /// <summary>Adds a row, a cell a column.</summary>
    public void Add(params Cell[] cells) => _rows.Add([.. cells.Select(cell => cell with { Text = Screen.Printable(cell.Text ?? "") })]);

    /// <summary>Prints it on standard output.</summary>
    public void Write() => Screen.Out.Write(Fit(Screen.Out.Profile.Width));

    /// <summary>As something to be rendered.</summary>
    /// <param name="width">Characters of a line.</param>
    public IRenderable Fit(int width)
    {
        var widths = Widths(width, LeastWrapped);
        if (Array.FindLastIndex(columns, column => column.Optional) is var spare and >= 0 && Length(widths) > width)
            return Without(spare).Fit(width);
        if (Length(widths) > width) widths = Widths(width, Least);
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var (index, column) in columns.Index())
        {
            var head = new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Dim))) { NoWrap = !IsWrapped(index),
                Padding = new(0, 0, index == columns.Length - 1 ? 0 : Gap, 0) };
            if (IsWrapped(index)) head.Width = Math.Max(1, widths[index]);
            table.AddColumn(column.Right ? head.RightAligned() : head);
        }
        foreach (var row in _rows) table.AddRow(row.Select((cell, index) =>
            (IRenderable)new Text(cell.Whole ? cell.Text! : Shorten(cell.Text!, widths[index], columns[index].Cut), cell.Style)));
        return table;
    }

    /// <summary>A text of at most so many characters.</summary>
    public static string Shorten(string text, int width, Cut cut)
    {
        if (text.Length <= width || cut == Cut.Never) return text;
        if (cut == Cut.End) return text[..(width - 1)] + "…";
        var head = (width - 1) / 2;
        return $"{text[..head]}…{text[^(width - 1 - head)..]}";
    }

    private bool IsWrapped(int column) => _rows.Any(row => row[column].Whole);

    private Listing Without(int column)
    {
        var narrower = new Listing([.. columns.Where((_, index) => index != column)]);
        narrower._rows.AddRange(_rows.Select(row => row.Where((_, index) => index != column).ToArray()));
        return narrower;
    }

    private static int Length(int[] widths) => widths.Sum() + (Gap * (widths.Length - 1));

    // The longest columns give way, down to a length that still tells something.
    private int[] Widths(int total, int leastWrapped)
    {
        var widths = columns.Select((column, index) => _rows.Select(row => row[index].Text!.Length).Append(column.Title.Length).Max())
            .ToArray();
        for (var excess = Length(widths) - total; excess > 0; excess--)
        {
            var longest = -1;
            for (var index = 0; index < widths.Length; index++)
            {
                if (columns[index].Cut != Cut.Never
                    && widths[index] > Math.Max(IsWrapped(index) ? leastWrapped : Least, columns[index].Title.Length)
                    && (longest < 0 || widths[index] > widths[longest])) longest = index;
            }
            if (longest < 0) break;
            widths[longest]--;
        }
        return widths;
    }
}
