using System.Text;

namespace Aspire.Hosting;

/// <summary>A command line as one text.</summary>
internal static class CommandLine
{
    /// <summary>Splits at white space outside of double quotes. Example: <c>--name "a b" c</c> gives three arguments.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var arguments = new List<string>();
        var argument = new StringBuilder();
        var (quoted, begun) = (false, false);
        foreach (var letter in line)
        {
            if (letter == '"') (quoted, begun) = (!quoted, true);
            else if (quoted || !char.IsWhiteSpace(letter)) (_, begun) = (argument.Append(letter), true);
            else if (begun) Finish();
        }

        if (begun) Finish();
        return arguments;

        void Finish()
        {
            arguments.Add(argument.ToString());
            argument.Clear();
            begun = false;
        }
    }
}
