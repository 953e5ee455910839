using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>Where things lie in a spool, the volume that stream-handle and its upload-workers share:
/// <code>
/// &lt;root&gt;/.streams/&lt;stream&gt;.json                 what the API decided about a stream; holds passwords, mode 0600
/// &lt;root&gt;/&lt;stream&gt;/stream.json                          the stream's journal
///                 open/                                segments that ffmpeg writes
///                 ready/&lt;epoch&gt;-&lt;sequence&gt;.mkv        a chunk, and
///                 ready/&lt;epoch&gt;-&lt;sequence&gt;.json       its manifest and, on a second line, its signature,
///                                                      renamed here last: its presence means "ready"
///                 ready/&lt;epoch&gt;-&lt;sequence&gt;.loss       the declaration that a chunk is lost, renamed here last,
///                                                      and its signature: .loss-jws
///                 dead/...                             the same files, and why: .reason.json
///                 stored/&lt;epoch&gt;-&lt;sequence&gt;.json      the manifest of a chunk that the bucket holds,
///                                                      until the journal has counted it
///                 lost/...                             chunks whose loss is being declared, and files that cannot be used
///                 quarantine/dead/..., stored/...      what stream-handle did not number and sign
/// </code></summary>
public sealed class SpoolLayout
{
    /// <summary>A spool at a folder.</summary>
    /// <param name="root">Path of the folder; it need not exist yet.</param>
    public SpoolLayout(string root) => Root = Path.GetFullPath(root);

    /// <summary>Full path of the spool.</summary>
    public string Root { get; }

    /// <summary>Makes the folder, and a file in it that goes again.</summary>
    /// <exception cref="IOException">It cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public void RequireWritable()
    {
        var probe = Path.Combine(Directory.CreateDirectory(Root).FullName, $".probe-{Environment.ProcessId}");
        File.Create(probe).Dispose();
        File.Delete(probe);
    }

    /// <summary>The folder of a stream.</summary>
    /// <exception cref="FormatException">The text is no stream id, so that no path can leave the spool.</exception>
    public string Stream(string stream) => Path.Combine(Root, StreamId.Require(stream));

    /// <summary>Where ffmpeg writes a stream's segments.</summary>
    public string Open(string stream) => Path.Combine(Stream(stream), "open");

    /// <summary>Where a stream's chunks wait for their upload.</summary>
    public string Ready(string stream) => Path.Combine(Stream(stream), "ready");

    /// <summary>Where chunks lie that no retry can store.</summary>
    public string Dead(string stream) => Path.Combine(Stream(stream), "dead");

    /// <summary>Where manifests of stored chunks wait until the journal has counted them. The rename from <see cref="Ready"/> to here is
    /// what makes a chunk count as stored.</summary>
    public string Stored(string stream) => Path.Combine(Stream(stream), "stored");

    /// <summary>Where losses are being declared. The rename of a manifest from <see cref="Ready"/>
    /// to here is what makes a chunk count as lost.</summary>
    public string Lost(string stream) => Path.Combine(Stream(stream), "lost");

    /// <summary>Where files lie that others put into the stream's folders: kept, and counted nowhere.</summary>
    public string Quarantine(string stream) => Path.Combine(Stream(stream), "quarantine");

    /// <summary>A stream's journal: its next sequence number, its last manifest's hash, its counters.</summary>
    public string Journal(string stream) => Path.Combine(Stream(stream), "stream.json");

    /// <summary>The files of a chunk that is ready.</summary>
    public ChunkFiles ReadyFiles(ChunkId id, string container) => ChunkFiles.In(Ready(id.Stream), id, container);

    /// <summary>The files of a chunk that is dead.</summary>
    public ChunkFiles DeadFiles(ChunkId id, string container) => ChunkFiles.In(Dead(id.Stream), id, container);

    /// <summary>The files of a loss record that is ready to be uploaded.</summary>
    public LossFiles ReadyLoss(ChunkId id) => LossFiles.In(Ready(id.Stream), id);

    /// <summary>Path of the manifest that says, or said until the journal counted it, that a chunk is stored.</summary>
    public string StoredManifest(ChunkId id) => ChunkFiles.ManifestIn(Stored(id.Stream), id);

    /// <summary>Path of the manifest of a chunk whose loss is being declared.</summary>
    public string LostManifest(ChunkId id) => ChunkFiles.ManifestIn(Lost(id.Stream), id);

    /// <summary>Ids of the streams that have a folder here.</summary>
    public IEnumerable<string> Streams() => Directory.Exists(Root)
        ? Directory.EnumerateDirectories(Root).Select(folder => Path.GetFileName(folder)).Where(StreamId.IsValid)
        : [];

    /// <summary>Manifests of a stream's chunks that are ready, in the order of their sequence numbers.</summary>
    public IEnumerable<string> ReadyManifests(string stream) => Manifests(Ready(stream));

    /// <summary>Manifests of a stream's chunks that are dead, in the order of their sequence numbers.</summary>
    public IEnumerable<string> DeadManifests(string stream) => Manifests(Dead(stream));

    /// <summary>Manifests of a stream's chunks that are stored and not yet counted by the journal.</summary>
    public IEnumerable<string> StoredManifests(string stream) => Manifests(Stored(stream));

    /// <summary>Manifests of a stream's chunks whose loss is being declared.</summary>
    public IEnumerable<string> LostManifests(string stream) => Manifests(Lost(stream));

    /// <summary>Loss records of a stream that wait for their upload.</summary>
    public IEnumerable<string> ReadyLosses(string stream) => Directory.Exists(Ready(stream))
        ? Directory.EnumerateFiles(Ready(stream), "*.loss").Where(path => LossFiles.TryParseRecordName(path, out _, out _))
        .Order(StringComparer.Ordinal)
        : [];

    /// <summary>Whether ffmpeg, or a crash, left any file in a stream's <see cref="Open"/>. Empty folders of runs are nothing.</summary>
    public bool HasOpen(string stream) => Directory.Exists(Open(stream)) && Directory.EnumerateFiles(Open(stream), "*", WholeTree).Any();

    private static readonly EnumerationOptions WholeTree = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>Manifests in a folder, in the order of their sequence numbers; none where there is no such folder.</summary>
    internal static IEnumerable<string> Manifests(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.json").Where(path => ChunkFiles.TryParseManifestName(path, out _, out _)).OrderBy(Sequence)
        : [];

    private static long Sequence(string manifest) =>
        ChunkFiles.TryParseManifestName(manifest, out _, out var sequence) ? sequence : long.MaxValue;
}
