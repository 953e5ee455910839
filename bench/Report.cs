using System.Globalization;
using System.Text.Json;

namespace Crispy.Bench;

/// <summary>What the benchmarks share: options, and the file that a result goes to.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The number after <c>--name</c>, or the default.</summary>
    /// <exception cref="ArgumentException">It is no positive number.</exception>
    public static double Option(string[] args, string name, double otherwise)
    {
        var index = Array.IndexOf(args, $"--{name}");
        if (index < 0) return otherwise;
        return index + 1 < args.Length && double.TryParse(args[index + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : throw new ArgumentException($"--{name} needs a positive number");
    }

    /// <summary>Ends with a usage line where an option is not known.</summary>
    public static void RequireKnown(string[] args, params string[] names)
    {
        foreach (var option in args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && !names.Contains(arg[2..])))
            throw new ArgumentException($"{option} is no option; there are {string.Join(", ", names.Select(name => $"--{name}"))}");
    }

    /// <summary>Writes a result to <c>artifacts/bench/</c> below the working directory.</summary>
    public static void Write(string name, object result)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine("artifacts", "bench")).FullName, $"{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(result, Indented));
        Console.WriteLine($"written to {path}");
    }
}
