namespace Aspire.Hosting.Running;

/// <summary>
/// Writes to the console, one whole line at a time: what resources print as <c>name | text</c>, what happens to them as <c>name   text</c>.
/// </summary>
internal sealed class Display(TextWriter output)
{
    private readonly Lock _access = new();
    private int _width = 12;

    /// <summary>Aligns the lines of all the names.</summary>
    public void Align(IEnumerable<string> names) => _width = Math.Max(_width, names.Select(name => name.Length).DefaultIfEmpty().Max());

    /// <summary>Something that happened to a resource.</summary>
    public void Happened(string name, string text) => Write($"{name.PadRight(_width)}   {text}");

    /// <summary>A line that a resource printed.</summary>
    public void Printed(string name, string line) => Write($"{name.PadRight(_width)} | {line}");

    /// <summary>Something about the application.</summary>
    public void Say(string text) => Write(text);

    private void Write(string line)
    {
        lock (_access)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (IOException)
            {
                // Whoever read the console is gone: the resources run on.
            }
        }
    }
}
