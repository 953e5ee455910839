using System.Text.Json;

namespace Crispy.Bench.Measuring;

/// <summary>Prints a result, and writes the file that keeps it.</summary>
internal static class Results
{
    private static Machine? _before;

    /// <summary>Looks at the machine. Call it before a benchmark begins: afterwards the load is the benchmark's own.</summary>
    public static void Begin() => _before = Machine.Describe();

    /// <summary>Prints a result's figures and tables. Writes it, with the machine and the commit, to <c>artifacts/bench/</c> below the
    /// working directory.</summary>
    /// <param name="result">The result.</param>
    /// <param name="raw">Everything measured.</param>
    /// <returns>The process's exit code: 0, also where a target is missed; what makes a figure wrong throws.</returns>
    public static int Write(Result result, object raw)
    {
        var machine = _before ?? Machine.Describe();
        foreach (var table in result.Tables) Print(table);
        Console.WriteLine();
        foreach (var figure in result.Figures) Console.WriteLine($"  {figure.What}: {figure.Value.Short()} {figure.Unit}{Target(figure)}");
        var complete = result with
        {
            At = TimeProvider.System.GetUtcNow(),
            Commit = Commit(),
            Machine = machine,
            Command = $"./bench.sh {string.Join(' ', Environment.GetCommandLineArgs()[1..])}",
            Raw = JsonSerializer.SerializeToNode(raw, Result.Json),
        };
        Console.WriteLine($"\n{machine}, commit {complete.Commit}");
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine("artifacts", "bench")).FullName, $"{result.Bench}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(complete, Result.Json));
        Console.WriteLine($"written to {path}");
        return 0;
    }

    private static string Target(Figure figure) => figure switch
    {
        { AtLeast: { } least } => $" (target: at least {least.Short()}; {(figure.IsMet == true ? "met" : "missed")})",
        { AtMost: { } most } => $" (target: at most {most.Short()}; {(figure.IsMet == true ? "met" : "missed")})",
        _ => "",
    };

    private static void Print(Table table)
    {
        int[] widths = [.. table.Columns.Select((column, index) =>
            Math.Max(column.Length, table.Rows.Select(row => row[index].Length).DefaultIfEmpty().Max()))];
        Console.WriteLine($"\n{table.Title}");
        foreach (var row in (IEnumerable<IReadOnlyList<string>>)[table.Columns, .. table.Rows])
            Console.WriteLine($"  {string.Join("  ", row.Select(Padded))}");

        string Padded(string cell, int column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
    }

    private static string Commit()
    {
        var commit = Shell.Output("git", "rev-parse", "--short=12", "HEAD");
        if (commit.Length == 0) return "unknown";
        return Shell.Output("git", "status", "--porcelain", "--untracked-files=no").Length > 0 ? $"{commit} with changes" : commit;
    }
}
