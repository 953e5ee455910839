using System.Runtime.CompilerServices;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.Cli.Sources;

/// <summary>A spool: chunks that wait for their upload or are dead, loss records, and each stream's journal, which knows where its chain
/// ends. Workers may be taking things away meanwhile.</summary>
internal sealed class SpoolFolder(string path) : Source
{
    private readonly SpoolLayout _spool = new(path);

    public static bool IsOne(string path)
    {
        var spool = new SpoolLayout(path);
        return spool.Streams().Any(stream => File.Exists(spool.Journal(stream)) || Directory.Exists(spool.Ready(stream)));
    }

    public override bool IsSpool => true;

    public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var stream in _spool.Streams())
        {
            foreach (var (manifest, waits) in _spool.ReadyManifests(stream).Select(path => (path, true))
                .Concat(_spool.DeadManifests(stream).Select(path => (path, false))))
            {
                cancellation.ThrowIfCancellationRequested();
                if (Chunk(manifest) is { } chunk) yield return chunk with { Waits = waits };
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
        catch (Exception malformed)
            when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new SourceException($"{_spool.Journal(stream)} is no journal: {malformed.Message}", malformed);
        }
    }

    // A manifest without its video is that of a chunk that is being stored: the bucket has it.
    private static Item? Chunk(string path)
    {
        if (TryRead(path) is not { } content) return null;
        var (manifest, signature) = Lines(content);
        if (Container(manifest) is not { } container) return new(path, null, false, manifest, signature);
        var video = Path.ChangeExtension(path, container);
        if (!File.Exists(video)) return null;
        return new(video, null, false, manifest,
            signature) { CopyToAsync = (destination, cancellation) => Item.CopyFileAsync(video, destination, cancellation) };
    }

    // A file that is not whole still says what it does, unsigned.
    private static (byte[] Manifest, string? Signature) Lines(byte[] content)
    {
        try
        {
            var (manifest, signature) = SignedManifest.Parse(content);
            return (manifest, signature);
        }
        catch (FormatException)
        {
            return (SignedLines.FirstLine(content).ToArray(), null);
        }
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
