using System.Text;
using System.Text.RegularExpressions;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Sources;

/// <summary>
/// Local sources that are playlists, by any name: ffmpeg looks at the content alone. One may name files of its own folder, and of folders
/// below it, and nothing else. Who can put a "video" into a folder must not have other files of the machine recorded,
/// or have it call other machines.
/// </summary>
internal static partial class LocalPlaylist
{
    private const int MaxBytes = 4 << 20;
    private const int MostFiles = 20_000;
    private const int MostLevels = 8;
    private const int LongestName = 2048;

    /// <summary>The kind of a file.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static PlaylistText.Kind KindOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            var head = new byte[PlaylistText.HeadBytes];
            return PlaylistText.KindOf(head.AsSpan(0, RandomAccess.Read(file, head, 0)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{path} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>Refuses a playlist that names what does not lie in its own folder; any other file passes.</summary>
    /// <exception cref="SourceException">It is such a one; names what it names.</exception>
    public static void Require(string path)
    {
        if (KindOf(path) is not PlaylistText.Kind.None and var kind) new Check(path, kind).Run();
    }

    private sealed partial class Check(string source, PlaylistText.Kind kind)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly string _folder = LocalPath.Real(Path.GetDirectoryName(source)!);

        public void Run()
        {
            if (kind == PlaylistText.Kind.Other)
                throw new SourceException($"{source} describes other files or connections and is no video");
            try
            {
                Follow(source, 0);
                // A manifest's names are patterns: what they could mean is all that lies there.
                if (kind == PlaylistText.Kind.Dash) RequireFolder();
            }
            catch (Exception unreadable)
                when (unreadable is IOException or UnauthorizedAccessException or FormatException or DecoderFallbackException)
            {
                throw new SourceException($"the playlist {source} cannot be checked: {unreadable.Message}");
            }
        }

        private void Follow(string playlist, int level)
        {
            if (!_seen.Add(playlist)) return;
            if (level > MostLevels)
                throw new SourceException($"the playlist {source} names playlists that name playlists, more than {MostLevels} deep");
            if (SourceFile.Length(playlist) > MaxBytes)
                throw new SourceException($"the playlist {playlist} is larger than {MaxBytes} bytes");
            foreach (var name in PlaylistText.References(kind, File.ReadAllText(playlist)).Where(name => name.Length > 0).Distinct())
            {
                var path = Resolve(playlist, name);
                if (_seen.Count > MostFiles) throw new SourceException($"the playlist {source} names more than {MostFiles} files");
                if (!File.Exists(path)) continue;
                if (KindOf(path) is not PlaylistText.Kind.None and var inner)
                {
                    if (inner != kind) throw Refused(name, "a playlist of another kind");
                    Follow(path, level + 1);
                }
                else
                {
                    _seen.Add(path);
                }
            }
        }

        /// <summary>Where a name leads, which must be within the source's folder.</summary>
        private string Resolve(string playlist, string name)
        {
            if (name.Length > LongestName || name.Any(char.IsControl) || name.Contains('\\', StringComparison.Ordinal))
                throw Refused(Shown(name), "which is no plain name of a file");
            var plain = name.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? name["file:".Length..] : name;
            if (Protocol().IsMatch(plain)) throw Refused(Redaction.Apply(name), "which is no file");
            // What follows a '?' may be taken for a query, and '..' behind it for a way up.
            if (plain.Contains("..", StringComparison.Ordinal) && plain.AsSpan().ContainsAny('?', '#'))
                throw Refused(name, "which may lead out of its folder");
            // With ".." as ffmpeg takes it, by the text, and as the system does, by where links lead.
            var path = Path.Combine(Path.GetDirectoryName(playlist)!, plain);
            foreach (var way in (string[])[path, Path.GetFullPath(path)])
            {
                if (!LocalPath.IsWithin(LocalPath.Real(way), _folder)) throw Refused(name, "which lies outside its folder");
            }
            return Path.GetFullPath(path);
        }

        private void RequireFolder()
        {
            var files = 0;
            foreach (var entry in new DirectoryInfo(_folder)
                .EnumerateFileSystemInfos("*",
                    new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = MostLevels }))
            {
                if (++files > MostFiles)
                    throw new SourceException(
                        $"there are more than {MostFiles} files beside the playlist {source}: give it a folder of its own");
                if (entry.LinkTarget is not null && !LocalPath.IsWithin(LocalPath.Real(entry.FullName), _folder))
                    throw Refused(entry.Name, "a link that leads outside its folder");
                if (entry is FileInfo file && file.Length is > 0 and <= MaxBytes && !_seen.Contains(file.FullName)
                    && LocalPath.Real(source) != LocalPath.Real(file.FullName)
                    && KindOf(file.FullName) == PlaylistText.Kind.Dash)
                    throw Refused(entry.Name, "a manifest beside it: give each a folder of its own");
            }
        }

        private SourceException Refused(string name, string why) =>
            new($"the playlist {source} names {Shown(name)}, {why}: a local playlist may read from its own folder alone");

        private static string Shown(string name) =>
            string.Concat(name.Take(200).Select(character => char.IsControl(character) ? '\uFFFD' : character));

        // As ffmpeg finds a protocol: also "subfile,,start,0,end,0,,:/etc/passwd", "concat:a|b" and "//host/path" of a manifest.
        [GeneratedRegex(@"^(?:[A-Za-z0-9+.-]+:|subfile,|//[^/])", RegexOptions.IgnoreCase)]
        private static partial Regex Protocol();
    }
}
