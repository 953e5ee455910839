using System.Globalization;

namespace Crispy.Bench.Measuring;

/// <summary>The options of a benchmark: <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly string[] _args;

    /// <summary>Reads a command line.</summary>
    /// <param name="args">All behind the benchmark's name.</param>
    /// <param name="known">The names of its options.</param>
    /// <exception cref="OptionException">An option is none of them.</exception>
    public Options(string[] args, params string[] known)
    {
        _args = args;
        foreach (var option in args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && !known.Contains(arg[2..])))
            throw new OptionException($"{option} is no option; there are {string.Join(", ", known.Select(name => $"--{name}"))}");
    }

    /// <summary>Whether an option without a value is there.</summary>
    public bool Has(string name) => _args.Contains($"--{name}");

    /// <summary>The word after an option, or the default.</summary>
    /// <exception cref="OptionException">No word is there.</exception>
    public string Text(string name, string otherwise) =>
        !Has(name) ? otherwise : Value(name) ?? throw new OptionException($"--{name} needs a value");

    /// <summary>The number after an option, or the default.</summary>
    /// <exception cref="OptionException">It is no number from 0.</exception>
    public double Number(string name, double otherwise) =>
        Numbers(name, otherwise) is [var one] ? one : throw new OptionException($"--{name} needs one number from 0");

    /// <summary>The whole number after an option, or the default.</summary>
    /// <exception cref="OptionException">It is no number from 0.</exception>
    public int Count(string name, int otherwise) => (int)Number(name, otherwise);

    /// <summary>The numbers, parted by commas, after an option, or the default.</summary>
    /// <exception cref="OptionException">One is no number from 0.</exception>
    public double[] Numbers(string name, params double[] otherwise)
    {
        if (!Has(name)) return otherwise;
        var words = Value(name)?.Split(',') ?? throw new OptionException($"--{name} needs a number, or several parted by commas");
        return [.. words.Select(word => Parse(name, word))];
    }

    /// <summary>The whole numbers, parted by commas, after an option, or the default.</summary>
    /// <exception cref="OptionException">One is no number from 0.</exception>
    public int[] Counts(string name, params int[] otherwise) =>
        [.. Numbers(name, [.. otherwise.Select(number => (double)number)]).Select(number => (int)number)];

    private string? Value(string name) => _args.ElementAtOrDefault(Array.IndexOf(_args, $"--{name}") + 1);

    private static double Parse(string name, string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number : throw new OptionException($"--{name}: '{word}' is no number from 0");
}
