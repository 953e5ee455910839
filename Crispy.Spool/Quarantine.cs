using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>
/// Sets aside what a stream's stream-handle did not number and sign: it is counted nowhere, and kept for a person to look at. A file is
/// judged again at each start, so that it returns once the key that signed it is known.
/// </summary>
internal sealed class Quarantine(string stream, SpoolLayout layout, Ownership ownership)
{
    /// <summary>How many files are named at most.</summary>
    private const int MostNamed = 1000;

    private readonly Lock _oneAtATime = new();
    private readonly HashSet<string> _dead = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stored = new(StringComparer.Ordinal);

    /// <summary>Gets what is set aside.</summary>
    public Action<QuarantinedFile> Found { get; init; } = _ => { };

    /// <summary>The manifests of dead chunks that are ours; the others are set aside first. A damaged file of a number that was given is
    /// ours: it stands for that number, and nothing else does.</summary>
    /// <param name="nextSequence">The first number that was not given yet.</param>
    public List<string> OwnDead(long nextSequence)
    {
        lock (_oneAtATime) return Own(layout.DeadManifests(stream), _dead, nextSequence, unreadable: false);
    }

    /// <summary>The manifests of stored chunks that are ours; the others are set aside first.</summary>
    /// <param name="nextSequence">The first number that was not given yet.</param>
    public List<string> OwnStored(long nextSequence)
    {
        lock (_oneAtATime) return Own(layout.StoredManifests(stream), _stored, nextSequence, unreadable: true);
    }

    // What was judged once is not read again while it lies there.
    private List<string> Own(IEnumerable<string> manifests, HashSet<string> trusted, long nextSequence, bool unreadable)
    {
        var all = manifests.ToList();
        trusted.IntersectWith(all);
        foreach (var path in all)
            if (!trusted.Contains(path) && IsOwn(path, nextSequence, unreadable)) trusted.Add(path);
        return [.. all.Where(trusted.Contains)];
    }

    private bool IsOwn(string path, long nextSequence, bool unreadable)
    {
        if (ownership.Objection(path, nextSequence, unreadable) is not { } objection) return true;
        SetAside(path, objection);
        return false;
    }

    /// <summary>Sets a manifest aside with the video and the reason beside it.</summary>
    public void SetAside(string manifest, string objection)
    {
        var from = Path.GetDirectoryName(manifest)!;
        var to = Directory.CreateDirectory(Path.Combine(layout.Quarantine(stream), Path.GetFileName(from))).FullName;
        var stem = Path.GetFileNameWithoutExtension(manifest);
        string[] names = [$"{stem}.json", $"{stem}.reason.json", .. ChunkContainer.All.Select(each => $"{stem}.{each}")];
        foreach (var name in names) TryMove(Path.Combine(from, name), Path.Combine(to, name));
        DurableFile.SyncFolder(to);
        Found(new(stream, Path.GetRelativePath(layout.Stream(stream), Path.Combine(to, $"{stem}.json")), objection));
    }

    /// <summary>Gives back what is ours after all, where its folder holds nothing of that name.</summary>
    public void Return(long nextSequence)
    {
        foreach (var folder in new[] { layout.Dead(stream), layout.Stored(stream) })
        {
            var aside = Path.Combine(layout.Quarantine(stream), Path.GetFileName(folder));
            foreach (var manifest in SpoolLayout.Manifests(aside).ToList())
            {
                var back = Path.Combine(folder, Path.GetFileName(manifest));
                if (File.Exists(back) || ownership.Objection(manifest, nextSequence, unreadable: true) is not null) continue;
                Directory.CreateDirectory(folder);
                var stem = Path.GetFileNameWithoutExtension(manifest);
                foreach (var name in ChunkContainer.All.Select(each => $"{stem}.{each}").Append($"{stem}.reason.json"))
                    TryMove(Path.Combine(aside, name), Path.Combine(folder, name));
                TryMove(manifest, back);
            }
        }
    }

    /// <summary>What lies aside, judged now.</summary>
    public IReadOnlyList<QuarantinedFile> List(long nextSequence)
    {
        var root = layout.Quarantine(stream);
        if (!Directory.Exists(root)) return [];
        return
        [
            .. Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories)
                .Where(path => !path.EndsWith(".reason.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(MostNamed)
                .Select(path => new QuarantinedFile(stream, Path.GetRelativePath(layout.Stream(stream), path),
                    ownership.Objection(path, nextSequence, unreadable: true) ?? "another file of its name is in its place")),
        ];
    }

    // A link is moved as a link; what it points to stays where it is.
    private static void TryMove(string from, string to)
    {
        if (!File.Exists(from) && new FileInfo(from).LinkTarget is null) return;
        File.Move(from, to, overwrite: true);
    }
}
