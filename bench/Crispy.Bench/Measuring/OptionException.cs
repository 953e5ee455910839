namespace Crispy.Bench.Measuring;

/// <summary>A command line that cannot be used; the message says what is wrong and what there is.</summary>
internal sealed class OptionException(string message) : Exception(message);
