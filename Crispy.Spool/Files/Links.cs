namespace Crispy.Spool;

/// <summary>Symbolic links in a spool: nothing follows one, since it may lead out of the spool.</summary>
internal static class Links
{
    /// <summary>The first of some paths that is a symbolic link; null where none is, or nothing is there.</summary>
    public static string? First(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            if (new FileInfo(path).LinkTarget is not null) return path;
        return null;
    }
}
