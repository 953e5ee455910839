using System.Security.Cryptography;

namespace Crispy.StreamHandle.Sources;

/// <summary>A local file as a source.</summary>
internal static class SourceFile
{
    private const int Piece = 64 << 10;

    /// <summary>Refuses what cannot be read twice: a file is looked at before it is recorded,
    /// and read again after an interruption.</summary>
    /// <exception cref="SourceException">It is no file, or an empty one, or a playlist that leads out of its folder.</exception>
    public static void Require(string path)
    {
        if (Directory.Exists(path)) throw new SourceException($"{path} is a folder");
        if (!File.Exists(path)) throw new SourceException($"{path}: no such file");
        // Neither pipes, sockets nor devices have a length.
        if (Length(path) == 0)
            throw new SourceException(
                $"{path} is empty, or no regular file (a named pipe, a socket, a device): only a regular file can be recorded");
        LocalPlaylist.Require(path);
    }

    /// <summary>Bytes of a file now, through symbolic links; 0 where it is gone.</summary>
    public static long Length(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return ((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file).Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Tells the first bytes of a file from those of any other: SHA-256 of three pieces at a quarter, half and three quarters of them. Its
    /// head is left out, because a recorder writes the length there when it ends.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How many of its bytes.</param>
    /// <returns>Null where the file is shorter, or cannot be read.</returns>
    public static string? Fingerprint(string path, long length)
    {
        try
        {
            using var file = File.OpenHandle(path);
            if (RandomAccess.GetLength(file) < length) return null;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[Piece];
            for (var quarter = 1; quarter <= 3; quarter++)
            {
                var at = length / 4 * quarter;
                var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(Piece, length - at)), at);
                hash.AppendData(buffer, 0, read);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
