namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// The folders of the buckets' files. Hands out paths so that no object stands where another needs a folder, makes those
/// folders, and removes them when their last file goes.
/// </summary>
/// <param name="root">Holds one folder a bucket.</param>
internal sealed class BucketTree(string root)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);

    public string Root { get; } = root;

    public string FileOf(string bucket, string path) => Path.Combine(Root, bucket, path);

    public void AddBucket(string bucket) => Directory.CreateDirectory(Path.Combine(Root, bucket));

    public void RemoveBucket(string bucket)
    {
        lock (_gate)
        {
            var folder = Path.Combine(Root, bucket);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A path, below the bucket's folder, for an object that has none yet. Held until <see cref="Release"/>.</summary>
    public string Reserve(string bucket, string objectName)
    {
        lock (_gate)
        {
            var segments = ObjectPath.Segments(objectName);
            var folder = Path.Combine(Root, bucket);
            for (var i = 0; i < segments.Length - 1; i++)
            {
                var plain = Path.Combine(folder, segments[i]);
                folder = File.Exists(plain) || _reserved.Contains(plain) ? plain + ObjectPath.FolderMark : plain;
            }
            var file = Path.Combine(folder, segments[^1]);
            if (Directory.Exists(file)) file += ObjectPath.FileMark;
            Directory.CreateDirectory(folder);
            _reserved.Add(file);
            return Path.GetRelativePath(Path.Combine(Root, bucket), file);
        }
    }

    public void Release(string bucket, string path)
    {
        lock (_gate) _reserved.Remove(FileOf(bucket, path));
    }

    /// <summary>Deletes a file, if it is there, and the folders that it leaves empty.</summary>
    public void Remove(string bucket, string path)
    {
        lock (_gate)
        {
            var bucketFolder = Path.Combine(Root, bucket);
            var file = FileOf(bucket, path);
            if (File.Exists(file)) File.Delete(file);
            for (var folder = Path.GetDirectoryName(file)!; folder.Length > bucketFolder.Length; folder = Path.GetDirectoryName(folder)!)
            {
                if (!IsUnused(folder)) return;
                Directory.Delete(folder);
            }
        }
    }

    private bool IsUnused(string folder) =>
        Directory.Exists(folder)
        && !Directory.EnumerateFileSystemEntries(folder).Any()
        && !_reserved.Any(file => file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal));
}
