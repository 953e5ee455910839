using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Crispy.Architecture.Tests;

/// <summary>Which folder of a program refers to which other: folders are namespaces. The program's own root, where everything is put
/// together, is none.</summary>
internal sealed class FolderGraph
{
    private readonly SortedDictionary<(string From, string To), string> _witnesses = [];
    private readonly SortedDictionary<string, SortedSet<string>> _references = new(StringComparer.Ordinal);
    private readonly string _root;

    private FolderGraph(string root) => _root = root;

    /// <summary>Reads a program.</summary>
    public static FolderGraph Of(ModuleDefinition module)
    {
        var graph = new FolderGraph(module.Assembly.Name.Name == "crispy" ? "Crispy.Cli" : module.Assembly.Name.Name);
        foreach (var type in module.Types)
            foreach (var used in Used(type)) graph.Add(type, used, module);
        return graph;
    }

    /// <summary>All folders that refer to another one, or are referred to.</summary>
    public IEnumerable<string> Folders => _witnesses.Keys.SelectMany(pair => (string[])[pair.From, pair.To]).Distinct();

    /// <summary>The references that go from an earlier folder to a later one, a line each, with a type that shows it.</summary>
    /// <param name="order">The folders, earliest first.</param>
    public IReadOnlyList<string> Against(IReadOnlyList<string> order) =>
        [.. _witnesses.Where(pair => Place(order, pair.Key.From) < Place(order, pair.Key.To))
            .Select(pair => $"{pair.Key.From} -> {pair.Key.To}: {pair.Value}")];

    /// <summary>Folders that refer to each other, directly or by others, as sorted lists; each list is one knot.</summary>
    public IReadOnlyList<string> Knots()
    {
        var reach = _references.Keys.ToDictionary(folder => folder, Reachable);
        return [.. _references.Keys.Select(folder =>
            string.Join(' ', reach[folder].Where(other => reach.TryGetValue(other, out var back) && back.Contains(folder)).Append(folder)
                .Distinct().Order(StringComparer.Ordinal)))
            .Where(knot => knot.Contains(' ', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The references that make a knot, a line each, with a type that shows it.</summary>
    public string Describe(string knot)
    {
        var folders = knot.Split(' ');
        return string.Join('\n', _witnesses.Where(pair => folders.Contains(pair.Key.From) && folders.Contains(pair.Key.To))
            .Select(pair => $"  {pair.Key.From} -> {pair.Key.To}: {pair.Value}"));
    }

    private static int Place(IReadOnlyList<string> order, string folder) => order.Index().First(each => each.Item == folder).Index;

    private HashSet<string> Reachable(string folder)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>([folder]);
        while (open.TryPop(out var next))
            foreach (var to in _references.GetValueOrDefault(next) ?? []) if (found.Add(to)) open.Push(to);
        return found;
    }

    private void Add(TypeDefinition type, TypeReference used, ModuleDefinition module)
    {
        if (used.Scope != module || Folder(type) is not { } from || Folder(used) is not { } to || from == to) return;
        _witnesses[(from, to)] = string.Join(", ", (_witnesses.TryGetValue((from, to), out var before) ? before.Split(", ") : [])
            .Append($"{Outer(type).Name} uses {Outer(used).Name}").Distinct().Take(6));
        (_references.TryGetValue(from, out var others) ? others : _references[from] = new(StringComparer.Ordinal)).Add(to);
    }

    // The first level: Media/Boxes is part of Media.
    private string? Folder(TypeReference type)
    {
        type = Outer(type);
        return type.Namespace.StartsWith($"{_root}.", StringComparison.Ordinal) ? type.Namespace[(_root.Length + 1)..].Split('.')[0] : null;
    }

    private static TypeReference Outer(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    private static IEnumerable<TypeReference> Used(TypeDefinition type) =>
        Named(type).SelectMany(Parts).Concat(type.NestedTypes.SelectMany(Used));

    private static IEnumerable<TypeReference?> Named(TypeDefinition type)
    {
        yield return type.BaseType;
        foreach (var contract in type.Interfaces) yield return contract.InterfaceType;
        foreach (var field in type.Fields) yield return field.FieldType;
        foreach (var attribute in type.CustomAttributes) yield return attribute.AttributeType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters) yield return parameter.ParameterType;
            if (!method.HasBody) continue;
            foreach (var variable in method.Body.Variables) yield return variable.VariableType;
            foreach (var named in method.Body.Instructions.SelectMany(Named)) yield return named;
        }
    }

    private static IEnumerable<TypeReference?> Named(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [method.DeclaringType, method.ReturnType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Prepend(generic.ElementType),
        TypeSpecification special => Parts(special.ElementType),
        _ => [type],
    };
}
