using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>What the resources of a manifest refer to and what therefore must stand in it too: parameters outside of the model, encoded
/// parameters and conditional texts.</summary>
internal sealed class ManifestReferences
{
    private readonly Dictionary<string, IResource> _resources = [];
    private readonly List<(string Name, ParameterResource Parameter, string Format)> _encoded = [];
    private readonly Dictionary<(ParameterResource, string), string> _encodedNames = [];
    private readonly OrderedDictionary<string, ReferenceExpression> _conditionals = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ReferenceExpression> Conditionals => _conditionals.Values;

    public void Reserve(IEnumerable<IResource> resources) => _names.UnionWith(resources.Select(resource => resource.Name));

    /// <summary>Remembers a value and whatever it is made from.</summary>
    public void Add(object? value) => Add(value, []);

    /// <summary>Resources that were referred to but are not in the model.</summary>
    public IReadOnlyList<IResource> ResourcesOutside(IEnumerable<IResource> model)
    {
        var inside = model.Select(resource => resource.Name).ToHashSet();
        return [.. _resources.Values.Where(resource => !inside.Contains(resource.Name))];
    }

    /// <summary>Encoded forms that were not written yet, of one parameter or, with null, of all; they count as written now.</summary>
    public IReadOnlyList<(string Name, ParameterResource Parameter, string Format)> TakeEncoded(ParameterResource? owner)
    {
        var taken = _encoded.Where(encoded => owner is null || encoded.Parameter == owner).ToArray();
        _encoded.RemoveAll(taken.Contains);
        return taken;
    }

    /// <summary>A value as the manifest writes it.</summary>
    public string ExpressionOf(object value) => value switch
    {
        string text => text,
        ReferenceExpression { IsConditional: false } expression => WithEncodedNames(expression),
        IManifestExpressionProvider place => place.ValueExpression,
        IResourceBuilder<IResource> { Resource: IManifestExpressionProvider place } => place.ValueExpression,
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private void Add(object? value, HashSet<object> path)
    {
        if (value is ReferenceExpression expression) AddExpression(expression);
        if (value is IResource resource)
        {
            _resources.TryAdd(resource.Name, resource);
            _names.Add(resource.Name);
        }
        else if (value is IValueWithReferences references && path.Add(value))
        {
            foreach (var reference in references.References) Add(reference, path);
            path.Remove(value);
        }
    }

    private void AddExpression(ReferenceExpression expression)
    {
        if (expression.IsConditional)
        {
            if (_conditionals.TryAdd(expression.Name!, expression)) _names.Add(expression.Name!);
            AddExpression(expression.WhenTrue!);
            AddExpression(expression.WhenFalse!);
            return;
        }

        _ = WithEncodedNames(expression);
    }

    private string WithEncodedNames(ReferenceExpression expression)
    {
        var places = expression.ManifestExpressions.ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            if (expression.StringFormats[i] is { Length: > 0 } format && ParameterOf(expression.ValueProviders[i]) is { } parameter)
            {
                places[i] = $"{{{EncodedName(parameter, format)}.value}}";
            }
        }

        return string.Format(CultureInfo.InvariantCulture, expression.Format, places);
    }

    private static ParameterResource? ParameterOf(IValueProvider value) => value switch
    {
        ParameterResource parameter => parameter,
        ReferenceExpression { Format: "{0}", ValueProviders: [ParameterResource parameter] } => parameter,
        _ => null,
    };

    /// <summary>Example: <c>rabbitmq-password-uri-encoded</c>.</summary>
    private string EncodedName(ParameterResource parameter, string format)
    {
        if (_encodedNames.TryGetValue((parameter, format), out var known)) return known;

        var name = $"{parameter.Name}-{format.ToLowerInvariant()}-encoded";
        for (var suffix = 1; !_names.Add(name); suffix++) name = $"{parameter.Name}-{format.ToLowerInvariant()}-encoded-{suffix}";
        _encodedNames[(parameter, format)] = name;
        _encoded.Add((name, parameter, format));
        return name;
    }
}
