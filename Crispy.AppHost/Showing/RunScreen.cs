namespace Crispy.AppHost.Showing;

/// <summary>Where a run speaks to people. On a terminal a board of lines stays at the bottom and is drawn again in its place; what is said
/// scrolls away above it.
/// Elsewhere there is no board, and what is said are plain lines.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="size">Columns and rows of the terminal; null where it is none.</param>
internal sealed class RunScreen(TextWriter output, TextWriter error, Func<(int Columns, int Rows)>? size)
{
    private const string Escape = "\u001b";

    private readonly Lock _lock = new();
    private IReadOnlyList<string> _board = [];
    private int _drawn;

    /// <summary>Whether it is a terminal.</summary>
    public bool IsTerminal => size is not null;

    /// <summary>Characters of a line.</summary>
    public int Columns => size?.Invoke().Columns ?? int.MaxValue;

    /// <summary>Lines that a board may have.</summary>
    public int Rows => (size?.Invoke().Rows ?? int.MaxValue) - 1;

    /// <summary>The screen of this process.</summary>
    public static RunScreen OfProcess() => new(Console.Out, Console.Error, IsDrawn() ? Size : null);

    /// <summary>Says something that stays.</summary>
    public void Say(string line) => Write(output, line);

    /// <summary>Says what is wrong, on standard error.</summary>
    public void Complain(string line) => Write(error, $"crispy: {line}");

    /// <summary>Draws the board again; does nothing where there is no terminal.</summary>
    public void Show(IReadOnlyList<string> board)
    {
        if (size is null) return;
        lock (_lock)
        {
            // Drawn over the old one at once, so that nothing flickers.
            if (board.SequenceEqual(_board) && _drawn > 0) return;
            output.Write(Erasure());
            _board = board;
            Draw();
            output.Flush();
        }
    }

    private void Write(TextWriter writer, string line)
    {
        lock (_lock)
        {
            output.Write(Erasure());
            output.Flush();
            writer.WriteLine(line);
            writer.Flush();
            Draw();
            output.Flush();
        }
    }

    private string Erasure()
    {
        if (_drawn == 0) return "";
        var up = _drawn;
        _drawn = 0;
        return $"\r{Escape}[{up}A{Escape}[J";
    }

    // What does not fit the screen would scroll, and could not be drawn over.
    private void Draw()
    {
        if (size is null || _board.Count == 0) return;
        var (columns, rows) = size();
        var used = 0;
        foreach (var line in _board)
        {
            var height = Math.Max(1, (line.Length + columns - 1) / columns);
            if (used + height > rows - 1) break;
            output.WriteLine(line);
            used += height;
        }
        _drawn = used;
    }

    private static bool IsDrawn() =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    // A pseudo-terminal that was given no size says 0.
    private static (int, int) Size()
    {
        var (columns, rows) = (Console.WindowWidth, Console.WindowHeight);
        return (columns > 0 ? columns : 80, rows > 0 ? rows : 24);
    }
}
