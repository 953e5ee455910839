namespace Crispy.StreamHandle;

/// <summary>The configuration cannot be used. The message names every mistake, one a line, with its key and the bad value.</summary>
public sealed class SettingsException(IReadOnlyCollection<string> mistakes)
    : Exception($"The configuration cannot be used:{string.Concat(mistakes.Select(mistake => $"{Environment.NewLine}  {mistake}"))}")
{
    /// <summary>The mistakes.</summary>
    public IReadOnlyCollection<string> Mistakes { get; } = mistakes;
}
