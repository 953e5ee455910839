using System.Runtime.CompilerServices;
using System.Text.Json;
using Crispy.Backplane;
using Crispy.Contracts;

namespace Crispy.Cli.Sources;

/// <summary>A spool: chunks that wait for their upload or are dead, manifests of stored ones, loss records, and each stream's journal, which knows where its chain ends.
/// Workers may be taking things away meanwhile.</summary>
internal sealed class SpoolFolder(string path) : Source
{
    private readonly SpoolLayout _spool = new(path);

    public static bool IsOne(string path)
    {
        var spool = new SpoolLayout(path);
        return spool.Streams().Any(stream => File.Exists(spool.Journal(stream)) || Directory.Exists(spool.Ready(stream)));
    }

    public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var stream in _spool.Streams())
        {
            foreach (var manifest in _spool.ReadyManifests(stream).Concat(_spool.DeadManifests(stream)).Concat(_spool.StoredManifests(stream)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (Chunk(manifest) is { } chunk) yield return chunk;
            }
            foreach (var record in _spool.ReadyLosses(stream))
                if (TryRead(record) is { } bytes) yield return new(record, null, true, bytes, Text(LossFiles.Of(record).Signature));
        }
    }

    public override IEnumerable<KnownEnd> KnownEnds()
    {
        foreach (var stream in _spool.Streams())
        {
            if (TryRead(_spool.Journal(stream)) is not { } bytes) continue;
            if (End(stream, bytes) is { } end) yield return end;
        }
    }

    private KnownEnd? End(string stream, byte[] bytes)
    {
        try
        {
            using var journal = JsonDocument.Parse(bytes);
            var next = journal.RootElement.GetProperty("nextSequence").GetInt64();
            var hash = journal.RootElement.TryGetProperty("previous", out var previous) ? previous.GetString() : null;
            return next > 0 ? new(stream, next - 1, hash, $"the journal {_spool.Journal(stream)}") : null;
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new SourceException($"{_spool.Journal(stream)} is no journal: {malformed.Message}", malformed);
        }
    }

    // A stored chunk's manifest is here without its video and signature: the bucket has them.
    private static Item? Chunk(string manifest)
    {
        if (TryRead(manifest) is not { } bytes || Text(Path.ChangeExtension(manifest, ".jws")) is not { } signature) return null;
        var video = Container(bytes) is { } container ? Path.ChangeExtension(manifest, container) : null;
        if (video is null || !File.Exists(video)) return video is null ? new(manifest, null, false, bytes, signature) : null;
        return new(video, null, false, bytes, signature) { CopyToAsync = (destination, cancellation) => Item.CopyFileAsync(video, destination, cancellation) };
    }

    private static string? Container(byte[] manifest)
    {
        try
        {
            return ManifestJson.Read(manifest).Container;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Text(string path) => TryRead(path) is { } bytes ? System.Text.Encoding.ASCII.GetString(bytes) : null;

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
