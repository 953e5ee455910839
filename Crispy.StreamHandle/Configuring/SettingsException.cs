namespace Crispy.StreamHandle.Configuring;

/// <summary>The configuration cannot be used. The message names every mistake, with its key and the bad value:
/// one in the same line, several one a line.</summary>
public sealed class SettingsException(IReadOnlyCollection<string> mistakes)
    : Exception("The configuration cannot be used:"
        + (mistakes.Count == 1 ? $" {mistakes.First()}" : string.Concat(mistakes.Select(mistake => $"{Environment.NewLine}  {mistake}"))))
{
    /// <summary>The mistakes.</summary>
    public IReadOnlyCollection<string> Mistakes { get; } = mistakes;
}
