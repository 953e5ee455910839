using System.Globalization;
using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with values in it that are known at run time, such as a connection string.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>No text.</summary>
    public static readonly ReferenceExpression Empty = new("", [], [], []);

    private readonly Conditional? _conditional;

    internal ReferenceExpression(string format, IValueProvider[] valueProviders, string[] manifestExpressions, string?[] stringFormats) =>
        (Format, ValueProviders, ManifestExpressions, StringFormats) = (format, valueProviders, manifestExpressions, stringFormats);

    private ReferenceExpression(Conditional conditional)
        : this("", [.. conditional.WhenTrue.ValueProviders, .. conditional.WhenFalse.ValueProviders], [], []) => _conditional = conditional;

    /// <summary>A composite format string, with a place for each value.</summary>
    public string Format { get; }

    /// <summary>The values.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>The values' places in a manifest.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each value is encoded: <c>uri</c>, or null for as it is.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    /// <summary>Whether it is one of two expressions, by a condition.</summary>
    public bool IsConditional => _conditional is not null;

    /// <summary>The condition; null when not conditional.</summary>
    public IValueProvider? Condition => _conditional?.Condition;

    /// <summary>Used when the condition's value is <see cref="MatchValue"/>; null when not conditional.</summary>
    public ReferenceExpression? WhenTrue => _conditional?.WhenTrue;

    /// <summary>Used otherwise; null when not conditional.</summary>
    public ReferenceExpression? WhenFalse => _conditional?.WhenFalse;

    /// <summary>Compared with the condition's value, whatever the case; null when not conditional.</summary>
    public string? MatchValue => _conditional?.MatchValue;

    /// <summary>The text with the values' places in a manifest.</summary>
    public string ValueExpression => _conditional is null
        ? string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions])
        : $"{{{_conditional.Name}.connectionString}}";

    /// <summary>The name of a conditional expression in a manifest; null when not conditional.</summary>
    internal string? Name => _conditional?.Name;

    IEnumerable<object> IValueWithReferences.References => _conditional is null ? ValueProviders : [_conditional.Condition, .. ValueProviders];

    /// <summary>An expression from an interpolated string.</summary>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.GetExpression();

    /// <summary>One of two expressions, by the value of a condition.</summary>
    public static ReferenceExpression CreateConditional(IValueProvider condition, string matchValue, ReferenceExpression whenTrue, ReferenceExpression whenFalse) =>
        new(new Conditional(condition, matchValue, whenTrue, whenFalse));

    /// <summary>The text for a process of this machine.</summary>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new(), cancellationToken);

    /// <summary>The text as the caller sees it; null when there is none.</summary>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (_conditional is not null)
        {
            var branch = await _conditional.ChooseAsync(context, cancellationToken).ConfigureAwait(false);
            return await branch.GetValueAsync(context, cancellationToken).ConfigureAwait(false);
        }

        if (Format.Length == 0) return null;

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values[i] = ExpressionText.Encode(value, StringFormats[i]);
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>Makes an expression from an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly ExpressionText _text = new(literalLength, formattedCount);

        /// <summary>Adds text.</summary>
        public void AppendLiteral(string value) => _text.AddLiteral(value);

        /// <summary>Adds text.</summary>
        public void AppendFormatted(string? value) => _text.AddLiteral(value);

        /// <summary>Adds text, encoded.</summary>
        public void AppendFormatted(string? value, string? format = null) => _text.AddLiteral(ExpressionText.Encode(value, format));

        /// <summary>Adds a value.</summary>
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => _text.AddValue(valueProvider, valueProvider, null);

        /// <summary>Adds a value, encoded.</summary>
        public void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider =>
            _text.AddValue(valueProvider, valueProvider, format);

        /// <summary>Adds a resource's value.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _text.AddValue(valueProvider.Resource, valueProvider.Resource, null);

        /// <summary>Adds a resource's value, encoded.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _text.AddValue(valueProvider.Resource, valueProvider.Resource, format);

        internal ReferenceExpression GetExpression() => _text.Build();
    }
}
