using System.Globalization;
using System.Text;

namespace Crispy.EndToEnd.Tests;

/// <summary>A terminal as far as a run's board needs one: lines that wrap and scroll, the cursor up, and clearing to the end.</summary>
internal sealed class ShownText(int columns, int rows) : TextWriter
{
    private readonly List<StringBuilder> _lines = [new()];
    private string _sequence = "";
    private int _row;
    private int _column;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>All lines, those that scrolled away too, without the empty one in which the cursor stands.</summary>
    public IReadOnlyList<string> Lines => [.. _lines.Select(line => line.ToString()).SkipLast(1)];

    public override void Write(char value)
    {
        if (_sequence.Length > 0 || value == '\u001b')
        {
            _sequence += value;
            if (_sequence.Length > 2 && char.IsAsciiLetter(value)) Obey();
            return;
        }
        if (value == '\r') _column = 0;
        else if (value == '\n') Next();
        else
        {
            if (_column == columns) Next();
            var line = _lines[_row];
            if (_column < line.Length) line[_column] = value;
            else line.Append(value);
            _column++;
        }
    }

    private void Obey()
    {
        if (_sequence.EndsWith('A'))
        {
            var up = int.Parse(_sequence[2..^1], CultureInfo.InvariantCulture);
            // No terminal goes up past its first row.
            Assert.True(up < rows, $"{up} rows up of {rows}");
            _row -= up;
        }
        else if (_sequence.EndsWith('J'))
        {
            _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
            _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
        }
        else
        {
            Assert.Fail($"a sequence that nobody knows: {_sequence[1..]}");
        }
        _sequence = "";
    }

    private void Next()
    {
        _column = 0;
        if (++_row == _lines.Count) _lines.Add(new());
    }
}
