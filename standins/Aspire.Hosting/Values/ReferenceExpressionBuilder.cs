using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly ExpressionText _text = new(64, 4);

    /// <summary>Whether nothing was added yet.</summary>
    public bool IsEmpty => _text.IsEmpty;

    /// <summary>Adds an interpolated string.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "The handler adds to this instance.")]
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler) => _ = handler;

    /// <summary>Adds text.</summary>
    public void AppendLiteral(string value) => _text.AddLiteral(value);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

    /// <summary>Adds a value, encoded.</summary>
    public void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider =>
        _text.AddValue(valueProvider, valueProvider, format);

    /// <summary>The expression.</summary>
    public ReferenceExpression Build() => _text.Build();

    /// <summary>Adds an interpolated string to a builder.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ReferenceExpressionBuilderInterpolatedStringHandler(int literalLength, int formattedCount, ReferenceExpressionBuilder builder)
    {
        /// <summary>Length of the text in the interpolated string.</summary>
        public int LiteralLength { get; } = literalLength;

        /// <summary>How many values it has.</summary>
        public int FormattedCount { get; } = formattedCount;

        /// <summary>Adds text.</summary>
        public void AppendLiteral(string value) => builder._text.AddLiteral(value);

        /// <summary>Adds text.</summary>
        public void AppendFormatted(string? value) => builder._text.AddLiteral(value);

        /// <summary>Adds text, encoded.</summary>
        public void AppendFormatted(string? value, string? format = null) => builder._text.AddLiteral(ExpressionText.Encode(value, format));

        /// <summary>Adds a value.</summary>
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => builder.AppendFormatted(valueProvider);

        /// <summary>Adds a value, encoded.</summary>
        public void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider =>
            builder.AppendFormatted(valueProvider, format);
    }
}
