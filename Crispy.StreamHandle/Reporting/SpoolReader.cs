using System.Text.Json.Serialization;
using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Reporting;

/// <summary>Reads what of a stream lies in the spool. Only the manifests of the page that is asked for are opened.</summary>
public sealed class SpoolReader(SpoolLayout spool, StreamSupervisor supervisor)
{
    /// <summary>A page.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="after">The last chunk of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>Null where there is no stream of that id.</returns>
    public SpoolPage? Read(string stream, ChunkId? after, int limit)
    {
        if (supervisor.Find(stream) is null) return null;
        var all = Paths(spool.ReadyManifests(stream), "spooled").Concat(Paths(spool.DeadManifests(stream), "dead"))
            .OrderBy(each => each.Sequence).ToList();
        var page = all.Where(each => each.Sequence > (after?.Sequence ?? -1)).Take(limit + 1).ToList();
        var items = page.Take(limit).Select(each => TryRead(each.Path, each.State)).OfType<SpooledItem>().ToList();
        return new(all.Count, items,
            page.Count > limit ? new ChunkId(stream, page[limit - 1].Epoch, page[limit - 1].Sequence).ToString() : null);
    }

    /// <summary>Opens the video of a chunk that waits for its upload. It can be read to its end,
    /// also where a worker takes it away meanwhile.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="sequence">The chunk's number, in digits.</param>
    /// <returns>The video with its manifest; null where no such chunk waits.</returns>
    public (FileStream Video, ChunkManifest Manifest)? Open(string stream, string sequence)
    {
        if (supervisor.Find(stream) is null || !ChunkId.TryParseDigits(sequence, out var number) || !Directory.Exists(spool.Ready(stream)))
            return null;
        foreach (var path in Directory.EnumerateFiles(spool.Ready(stream), $"*-{ChunkId.Digits(number)}.json"))
        {
            if (!ChunkFiles.TryParseManifestName(path, out _, out _) || SpooledChunk.ManifestOrNull(path) is not { } manifest) continue;
            try
            {
                var video = Path.ChangeExtension(path, manifest.Container);
                return (new(video,
                    new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous }),
                    manifest);
            }
            catch (FileNotFoundException)
            {
                // A worker has just stored it.
            }
        }
        return null;
    }

    private static IEnumerable<(string Path, string Epoch, long Sequence, string State)> Paths(IEnumerable<string> manifests, string state)
    {
        foreach (var path in manifests)
            if (ChunkFiles.TryParseManifestName(path, out var epoch, out var sequence)) yield return (path, epoch, sequence, state);
    }

    private static SpooledItem? TryRead(string path, string state) => SpooledChunk.ManifestOrNull(path) is { } manifest
        ? new(manifest.Chunk, manifest.From, manifest.To, manifest.Size, state, manifest.Object)
        {
            Duration = Instants.Seconds(manifest.Duration), Codec = manifest.Codec, Width = manifest.Width, Height = manifest.Height,
            Rotation = manifest.Rotation, Sar = manifest.Sar, Flags = manifest.Flags,
        }
        : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SpoolPage))]
internal sealed partial class SpoolJson : JsonSerializerContext;
