using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when nothing is configured.</summary>
public abstract class ParameterDefault
{
    /// <summary>Writes the properties of the manifest's <c>default</c> object.</summary>
    public abstract void WriteToManifest(ManifestPublishingContext context);

    /// <summary>The value.</summary>
    public abstract string GetDefaultValue();
}

/// <summary>A random password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCase = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCase = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Specials = "-_.{}~()*+!";

    /// <summary>At least so many characters.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower case letters occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper case letters occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether punctuation occurs.</summary>
    public bool Special { get; set; } = true;

    /// <summary>At least so many lower case letters.</summary>
    public int MinLower { get; set; }

    /// <summary>At least so many upper case letters.</summary>
    public int MinUpper { get; set; }

    /// <summary>At least so many digits.</summary>
    public int MinNumeric { get; set; }

    /// <summary>At least so many punctuation characters.</summary>
    public int MinSpecial { get; set; }

    private (string Property, string Minimum, string Alphabet, bool Allowed, int Count)[] Classes =>
    [
        ("lower", "minLower", LowerCase, Lower, MinLower),
        ("upper", "minUpper", UpperCase, Upper, MinUpper),
        ("numeric", "minNumeric", Digits, Numeric, MinNumeric),
        ("special", "minSpecial", Specials, Special, MinSpecial),
    ];

    /// <inheritdoc />
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        foreach (var kind in Classes.Where(kind => !kind.Allowed)) context.Writer.WriteBoolean(kind.Property, false);
        foreach (var kind in Classes.Where(kind => kind.Count != 0)) context.Writer.WriteNumber(kind.Minimum, kind.Count);
        context.Writer.WriteEndObject();
    }

    /// <inheritdoc />
    public override string GetDefaultValue()
    {
        var allowed = Classes.Where(kind => kind.Allowed).ToArray();
        if (allowed.Length == 0) throw new DistributedApplicationException("A generated parameter allows no characters at all.");

        var letters = allowed.SelectMany(kind => RandomNumberGenerator.GetItems<char>(kind.Alphabet, kind.Count)).ToList();
        var rest = Math.Max(0, MinLength - letters.Count);
        letters.AddRange(RandomNumberGenerator.GetItems<char>(string.Concat(allowed.Select(kind => kind.Alphabet)), rest));
        var password = letters.ToArray();
        RandomNumberGenerator.Shuffle<char>(password);
        return new(password);
    }
}

/// <summary>A fixed value, which the manifest names.</summary>
internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    private readonly Lazy<string> _value = new(value);

    public override string GetDefaultValue() => _value.Value;

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", GetDefaultValue());
}
