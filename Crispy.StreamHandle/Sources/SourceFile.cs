namespace Crispy.StreamHandle.Sources;

/// <summary>A local file as a source.</summary>
internal static class SourceFile
{
    /// <summary>Refuses what cannot be read twice: a file is looked at before it is recorded, and read again after an interruption.</summary>
    /// <exception cref="SourceException">It is no file, or an empty one.</exception>
    public static void Require(string path)
    {
        if (Directory.Exists(path)) throw new SourceException($"{path} is a folder");
        if (!File.Exists(path)) throw new SourceException($"{path}: no such file");
        // Neither pipes, sockets nor devices have a length.
        var file = new FileInfo(path);
        if (((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file).Length == 0)
            throw new SourceException($"{path} is empty, or no regular file (a named pipe, a socket, a device): only a regular file can be recorded");
    }
}
