using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One of two expressions, by the value of a condition.</summary>
internal sealed partial class Conditional(IValueProvider condition, string matchValue, ReferenceExpression whenTrue, ReferenceExpression whenFalse)
{
    public IValueProvider Condition { get; } = condition;

    public string MatchValue { get; } = matchValue;

    public ReferenceExpression WhenTrue { get; } = whenTrue;

    public ReferenceExpression WhenFalse { get; } = whenFalse;

    /// <summary>Its name in a manifest: what the condition is, and a hash of all four parts.</summary>
    public string Name
    {
        get
        {
            var place = (Condition as IManifestExpressionProvider)?.ValueExpression ?? Condition.GetType().Name;
            var text = place + WhenTrue.ValueExpression + WhenFalse.ValueExpression + MatchValue;
            var hash = Convert.ToHexStringLower(XxHash32.Hash(Encoding.UTF8.GetBytes(text)));
            return $"cond-{NotAlphanumeric().Replace(place.ToLowerInvariant(), "-").Trim('-')}-{hash}";
        }
    }

    public async ValueTask<ReferenceExpression> ChooseAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        var value = await Condition.GetValueAsync(context, cancellationToken).ConfigureAwait(false);
        return string.Equals(value, MatchValue, StringComparison.OrdinalIgnoreCase) ? WhenTrue : WhenFalse;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAlphanumeric();
}
