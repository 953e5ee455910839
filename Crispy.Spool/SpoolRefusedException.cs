namespace Crispy.Spool;

/// <summary>A transition of the spool cannot be made as things lie there; nothing was changed. The message says why, for people.</summary>
public sealed class SpoolRefusedException(string message) : Exception(message);
