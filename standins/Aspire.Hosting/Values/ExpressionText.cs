using System.Globalization;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Collects the text and the values of a <see cref="ReferenceExpression"/>.</summary>
internal sealed class ExpressionText(int literalLength, int valueCount)
{
    private readonly StringBuilder _format = new(literalLength + (valueCount * 4));
    private readonly List<IValueProvider> _values = new(valueCount);
    private readonly List<string> _manifestExpressions = new(valueCount);
    private readonly List<string?> _stringFormats = new(valueCount);

    public bool IsEmpty => _format.Length == 0;

    public void AddLiteral(string? text) =>
        _format.Append(text?.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    public void AddValue(IValueProvider value, IManifestExpressionProvider place, string? stringFormat)
    {
        _format.Append(CultureInfo.InvariantCulture, $"{{{_values.Count}}}");
        _values.Add(value);
        _manifestExpressions.Add(place.ValueExpression);
        _stringFormats.Add(stringFormat);
    }

    public ReferenceExpression Build() => new(_format.ToString(), [.. _values], [.. _manifestExpressions], [.. _stringFormats]);

    public static string? Encode(string? value, string? format) => (value, format?.ToLowerInvariant()) switch
    {
        (null, _) or (_, null) => value,
        (_, "uri") => Uri.EscapeDataString(value),
        _ => throw new NotSupportedException($"The format '{format}' is not supported; 'uri' is."),
    };
}
