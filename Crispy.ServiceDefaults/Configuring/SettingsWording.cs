namespace Microsoft.Extensions.Hosting;

/// <summary>How a process words the mistakes of its configuration, where it has words of its own.</summary>
public sealed record SettingsWording
{
    /// <summary>Crispy's usual words; nothing is hidden.</summary>
    public static readonly SettingsWording Usual = new();

    /// <summary>How a value stands between its key and the rule.</summary>
    public Func<string, string> Value { get; init; } = value => $"is '{value}':";

    /// <summary>What is said of a key that is not known; it gets those that are.</summary>
    public Func<string, string> Unknown { get; init; } = known => $"is not a known key (known: {known})";

    /// <summary>Hides secrets in values and rules.</summary>
    public Func<string, string> Hide { get; init; } = text => text;
}
