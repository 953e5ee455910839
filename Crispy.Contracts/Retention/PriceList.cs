namespace Crispy.Contracts;

/// <summary>What a bucket costs. The defaults are list prices, which change.</summary>
public sealed record PriceList
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Crispy:Prices";

    /// <summary>Where the defaults come from, and when they were read.</summary>
    public const string Source =
        "Google's price list of Cloud Storage (https://cloud.google.com/storage/pricing): Standard storage in europe-west1, read in "
        + "November 2026";

    /// <summary>Days of a month, on average.</summary>
    public const double DaysAMonth = 365.25 / 12;

    private const double GiB = 1L << 30;

    /// <summary>A GiB kept for a month.</summary>
    public double StorageGiBMonth { get; init; } = 0.020;

    /// <summary>Ten thousand operations of class A: objects made, listed, changed.</summary>
    public double ClassA { get; init; } = 0.05;

    /// <summary>Ten thousand operations of class B: objects read.</summary>
    public double ClassB { get; init; } = 0.004;

    /// <summary>A GiB that leaves Google's network.</summary>
    public double EgressGiB { get; init; } = 0.12;

    /// <summary>The currency, by three letters.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>Reads <c>Crispy:Prices</c>.</summary>
    /// <param name="value">A key's value; null or empty where it is not set.</param>
    /// <param name="mistakes">Gets a line for each value that cannot be used.</param>
    public static PriceList Read(Func<string, string?> value, ICollection<string> mistakes)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(mistakes);
        var usual = new PriceList();
        return new()
        {
            StorageGiBMonth = Price(nameof(StorageGiBMonth), usual.StorageGiBMonth),
            ClassA = Price(nameof(ClassA), usual.ClassA),
            ClassB = Price(nameof(ClassB), usual.ClassB),
            EgressGiB = Price(nameof(EgressGiB), usual.EgressGiB),
            Currency = Letters(usual.Currency),
        };

        double Price(string key, double otherwise)
        {
            if (value(key) is not { Length: > 0 } text) return otherwise;
            var isNumber = double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint,
                System.Globalization.CultureInfo.InvariantCulture, out var price);
            if (isNumber && price <= 1e6) return price;
            mistakes.Add($"{Section}:{key} is '{text}': must be a price from 0 to 1000000, such as "
                + $"{otherwise.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
            return otherwise;
        }

        string Letters(string otherwise)
        {
            if (value(nameof(Currency)) is not { Length: > 0 } text) return otherwise;
            if (text.Length == 3 && text.All(char.IsAsciiLetterUpper)) return text;
            mistakes.Add($"{Section}:{nameof(Currency)} is '{text}': must be three capital letters, such as {otherwise}");
            return otherwise;
        }
    }

    /// <summary>What keeping so many bytes costs a month.</summary>
    public double Storage(double bytes) => bytes / GiB * StorageGiBMonth;

    /// <summary>What so many chunks a day cost a month: an object made of each, and its head read by chunk-logger.</summary>
    public double Operations(double chunksADay) => chunksADay * DaysAMonth / 10_000 * (ClassA + ClassB);
}
