namespace Crispy.Spool;

/// <summary>Error numbers (POSIX <c>errno.h</c>, Linux values) as
/// <see cref="Exception.HResult"/> of an <see cref="IOException"/> has them.</summary>
public static class Errno
{
    /// <summary>Somebody else holds the file's lock.</summary>
    public const int WouldBlock = 11;

    /// <summary>No space is left on the device.</summary>
    public const int NoSpace = 28;
}
