namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rule for names of resources and endpoints.</summary>
internal static class ResourceName
{
    public const int MaxLength = 64;

    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a resource name: 1 to {MaxLength} ASCII letters, digits and single hyphens, beginning with a letter and not ending with a hyphen.", nameof(name));
        }
    }

    private static bool IsValid(string name) =>
        name.Length <= MaxLength
        && char.IsAsciiLetter(name[0])
        && name[^1] != '-'
        && !name.Contains("--", StringComparison.Ordinal)
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');
}
