using System.Globalization;
using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.Architecture.Tests;

/// <summary>Lines of code are no longer than .editorconfig says. Editors show it; nothing in the compiler holds it.</summary>
public sealed partial class LineTests
{
    private static readonly HashSet<string> Kinds = [".cs", ".css", ".js", ".mjs", ".razor", ".sh"];

    [Fact]
    public void No_line_is_longer_than_the_editor_is_told()
    {
        var most = int.Parse(Length().Match(File.ReadAllText(Path.Combine(Repository.Root, ".editorconfig"))).Groups[1].ValueSpan,
            CultureInfo.InvariantCulture);
        var code = SourceFiles.All.Where(path => Kinds.Contains(Path.GetExtension(path))).ToList();
        Assert.NotEmpty(code);
        Assert.Empty(code.SelectMany(path => File.ReadLines(path).Index().Where(line => line.Item.Length > most)
            .Select(line => $"{Path.GetRelativePath(Repository.Root, path)}:{line.Index + 1}: {line.Item.Length}")));
    }

    [GeneratedRegex(@"^max_line_length = (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Length();
}
