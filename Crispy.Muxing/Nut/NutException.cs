namespace Crispy.Muxing.Nut;

/// <summary>What came is no NUT, or of a version that this code does not know.</summary>
public sealed class NutException(string message) : Exception(message);
