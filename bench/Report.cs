using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.Bench;

/// <summary>What the benchmarks share: options, what they print, and the file that a result goes to.</summary>
internal static class Report
{
    private static readonly Machine Before = Machine.Describe();

    /// <summary>The number after <c>--name</c>, or the default.</summary>
    /// <exception cref="ArgumentException">It is no positive number.</exception>
    public static double Option(string[] args, string name, double otherwise) => Numbers(args, name, otherwise) is [var one] ? one : throw new ArgumentException($"--{name} needs one positive number");

    /// <summary>The numbers, parted by commas, after <c>--name</c>, or the default.</summary>
    /// <exception cref="ArgumentException">One is no number from 0.</exception>
    public static double[] Numbers(string[] args, string name, params double[] otherwise)
    {
        var index = Array.IndexOf(args, $"--{name}");
        if (index < 0) return otherwise;
        var numbers = new List<double>();
        foreach (var text in index + 1 < args.Length ? args[index + 1].Split(',') : [])
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number < 0) throw new ArgumentException($"--{name}: '{text}' is no number from 0");
            numbers.Add(number);
        }
        return numbers.Count > 0 ? [.. numbers] : throw new ArgumentException($"--{name} needs a number, or several parted by commas");
    }

    /// <summary>The whole numbers, parted by commas, after <c>--name</c>, or the default.</summary>
    public static int[] Counts(string[] args, string name, params int[] otherwise) => [.. Numbers(args, name, [.. otherwise.Select(number => (double)number)]).Select(number => (int)number)];

    /// <summary>Ends with a usage line where an option is not known.</summary>
    public static void RequireKnown(string[] args, params string[] names)
    {
        foreach (var option in args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && !names.Contains(arg[2..])))
            throw new ArgumentException($"{option} is no option; there are {string.Join(", ", names.Select(name => $"--{name}"))}");
    }

    /// <summary>Prints a result's figures and tables and writes it, with the machine and the commit, to <c>artifacts/bench/</c> below the working directory.</summary>
    /// <param name="result">The result.</param>
    /// <param name="raw">Everything measured.</param>
    /// <returns>The process's exit code: 0, also where a target is missed; what makes a figure wrong throws.</returns>
    public static int Write(Result result, object raw)
    {
        foreach (var table in result.Tables) Print(table);
        Console.WriteLine();
        foreach (var figure in result.Figures) Console.WriteLine($"  {figure.What}: {figure.Value.Short()} {figure.Unit}{Target(figure)}");
        var complete = result with
        {
            At = TimeProvider.System.GetUtcNow(),
            Commit = Commit(),
            Machine = Before,
            Command = $"./bench.sh {result.Bench} {string.Join(' ', Environment.GetCommandLineArgs()[1..])}".TrimEnd(),
            Raw = JsonSerializer.SerializeToNode(raw, Result.Json),
        };
        Console.WriteLine($"\n{Before}, commit {complete.Commit}");
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine("artifacts", "bench")).FullName, $"{result.Bench}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(complete, Result.Json));
        Console.WriteLine($"written to {path}");
        return 0;
    }

    /// <summary>A figure's target as text, and whether it is met; empty where there is none.</summary>
    public static string Target(Figure figure) => figure switch
    {
        { AtLeast: { } least } => $" (target: at least {least.Short()}; {(figure.IsMet == true ? "met" : "missed")})",
        { AtMost: { } most } => $" (target: at most {most.Short()}; {(figure.IsMet == true ? "met" : "missed")})",
        _ => "",
    };

    private static void Print(Table table)
    {
        int[] widths = [.. table.Columns.Select((column, index) => Math.Max(column.Length, table.Rows.Select(row => row[index].Length).DefaultIfEmpty().Max()))];
        Console.WriteLine($"\n{table.Title}");
        foreach (var row in (IEnumerable<IReadOnlyList<string>>)[table.Columns, .. table.Rows])
            Console.WriteLine("  " + string.Join("  ", row.Select((cell, index) => index == 0 ? cell.PadRight(widths[index]) : cell.PadLeft(widths[index]))));
    }

    private static string Commit() =>
        Shell.Output("git", "rev-parse", "--short=12", "HEAD") is { Length: > 0 } commit ? commit + (Shell.Output("git", "status", "--porcelain", "--untracked-files=no").Length > 0 ? " with changes" : "") : "unknown";
}
