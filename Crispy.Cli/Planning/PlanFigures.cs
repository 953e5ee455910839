using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Bench.Scale;
using Crispy.Cli.Api;
using Crispy.Contracts;

namespace Crispy.Cli.Planning;

/// <summary>The figures that a plan is reckoned with: those that were measured and published, and a file that changes some of them, prices
/// for instance.</summary>
internal static class PlanFigures
{
    private const string Resource = "figures.json";

    /// <summary>The built-in document.</summary>
    public static string Text()
    {
        using var stream = typeof(PlanFigures).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not part of the program");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads them.</summary>
    /// <param name="prices">What the bucket costs.</param>
    /// <param name="file">A file with some of them, as <c>--print-figures</c> shows them; a number alone will do. Null for none.</param>
    /// <exception cref="UnableException">The file cannot be read, or holds something else.</exception>
    public static Figures Read(PriceList prices, string? file)
    {
        var document = JsonNode.Parse(Text())!.AsObject();
        foreach (var (key, price) in Prices(prices)) document[key] = new JsonObject { ["value"] = price, ["source"] = PriceList.Source };
        try
        {
            foreach (var (key, value) in file is null ? [] : JsonNode.Parse(File.ReadAllText(file)) as JsonObject
                ?? throw new JsonException("it is no JSON object"))
            {
                if (!document.ContainsKey(key))
                    throw new JsonException(
                        $"there is no figure '{key}'{Contracts.NearestWord.Hint(key, document.Select(figure => figure.Key))}");
                document[key] = value is JsonValue number ? new JsonObject { ["value"] = number.DeepClone(), ["source"] = file }
                    : value?.DeepClone();
            }
            var figures = Figures.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()), file ?? Resource);
            return Negative(document) is { } key2 ? throw new JsonException($"'{key2}' is negative") : figures;
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new UnableException($"--figures {file}: {wrong.Message}", wrong);
        }
    }

    // The figures count operations by the thousand, a price list by ten thousand.
    private static IEnumerable<(string Key, double Price)> Prices(PriceList prices) =>
        [("storagePerGibMonth", prices.StorageGiBMonth), ("classAPerThousand", prices.ClassA / 10),
            ("classBPerThousand", prices.ClassB / 10)];

    private static string? Negative(JsonObject document) =>
        document.FirstOrDefault(figure => figure.Value?["value"]?.GetValue<double>() is not >= 0).Key;
}
