namespace Crispy.StreamHandle.Sources;

/// <summary>Where a path of this machine really leads.</summary>
internal static class LocalPath
{
    // As Linux has it: more links in one path are a circle.
    private const int MostLinks = 40;

    /// <summary>The path with every symbolic link on it followed, and every <c>..</c> taken from where its links lead, as realpath(3) does.
    /// What is not there is taken as it stands.</summary>
    /// <exception cref="IOException">Its links go round in a circle.</exception>
    public static string Real(string path)
    {
        var rest = new Stack<string>();
        Push(rest, path.StartsWith('/') ? path : Path.Combine(Environment.CurrentDirectory, path));
        var (links, real) = (0, "/");
        while (rest.TryPop(out var part))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks) throw new IOException($"{path} is a circle of symbolic links");
            if (target.StartsWith('/')) real = "/";
            Push(rest, target);
        }
        return real;
    }

    /// <summary>Whether a path is a folder's own, or lies below it; both real.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static void Push(Stack<string> rest, string path)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) rest.Push(part);
    }
}
