namespace Crispy.CloudEmulator;

/// <summary>An option that cannot be used; the message names it and its value.</summary>
public sealed class OptionException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Names the option and its value.</param>
    public OptionException(string message) : base(message)
    {
    }
}
