using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Archive.Exporting;

/// <summary>Makes a prepared export: one ZIP with the video, and with all that proves it.</summary>
internal sealed class ExportWriter(Exporter exporter, ExportProof proof, TimeProvider time)
{
    /// <summary>Writes it. What is written is whole only where this returns.</summary>
    /// <exception cref="ExportException">The chunks cannot be joined.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer any more.</exception>
    public async Task WriteAsync(PreparedExport export, Stream destination, CancellationToken cancellation)
    {
        var (request, progress, made) = (export.Request, export.Progress, time.GetUtcNow());
        var (stage, sent, total) = (ExportStage.Fetching, 0L, export.Bytes * (request.Originals ? 2 : 1));
        var zip = await ExportZip.BeginAsync(destination, made, bytes => progress.At(stage, sent += bytes, Math.Max(sent, total)),
            cancellation).ConfigureAwait(false);
        var (chunks, objects) = (new List<FetchedChunk>(), export.Folder["objects.json"]);
        var list = File.Create(objects);
        await using (list.ConfigureAwait(false))
        {
            var listed = new ObjectList(list);
            await using (listed.ConfigureAwait(false))
            {
                await foreach (var chunk in export.ChunksAsync(cancellation).ConfigureAwait(false))
                {
                    await listed.AddAsync(chunk.Object, cancellation).ConfigureAwait(false);
                    chunks.Add(chunk with { Object = new() { Name = chunk.Object.Name } });
                    if (request.Originals)
                        await zip.AddChunkAsync($"{ExportStatement.ProofFolder}/{chunk.Object.Name}", export.PathOf(chunk), cancellation)
                            .ConfigureAwait(false);
                }
                if (chunks.Count == 0) throw new ExportException("no chunk of the range is what was signed");
                await proof.AddLossesAsync(zip, listed, request, cancellation).ConfigureAwait(false);
            }
        }
        progress.At(stage = ExportStage.Joining, sent, total);
        var video = await JoinAsync(export, chunks, cancellation).ConfigureAwait(false);
        stage = ExportStage.Sending;
        await zip.AddFileAsync(video.Name, export.Folder[video.Name], cancellation).ConfigureAwait(false);
        await zip.AddFileAsync(ExportStatement.ObjectsName, objects, cancellation).ConfigureAwait(false);
        await proof.AddAsync(zip, request, video, chunks, export.Holes(chunks), made, cancellation).ConfigureAwait(false);
        await zip.CompleteAsync().ConfigureAwait(false);
        await destination.FlushAsync(cancellation).ConfigureAwait(false);
        progress.At(ExportStage.Done, sent, sent);
    }

    private async Task<ExportedVideo> JoinAsync(PreparedExport export, List<FetchedChunk> chunks, CancellationToken cancellation)
    {
        var (request, joiner) = (export.Request, new Joiner(exporter.Tools));
        var pieces = chunks.ConvertAll(chunk => chunk.Piece);
        var sound = pieces[0].Facts.Sound;
        // One file holds one kind of sound, as it holds one picture.
        var policy = sound is not null && pieces.TrueForAll(piece => piece.Facts.Sound == sound) ? request.Sound : SoundPolicy.Drop;
        var name = $"{request.Name}.{request.Container}";
        var off = await joiner.JoinAsync(pieces, export.Folder.Path, export.Folder[name], policy, cancellation).ConfigureAwait(false);
        var (frames, stated) =
            (await joiner.FramesAsync(export.Folder[name], cancellation).ConfigureAwait(false), chunks.Sum(chunk => chunk.Manifest.Frames));
        if (frames != stated) throw new ExportException($"the joined video has {frames} pictures, and the manifests say {stated}");
        var said = pieces.TrueForAll(piece => piece.Facts.Sound is null)
            ? "none"
            : policy switch { SoundPolicy.Keep => "copy", SoundPolicy.Aac => "aac", _ => "drop" };
        return new(name, chunks[0].Manifest.From, chunks.Max(chunk => chunk.Manifest.To), chunks[0].Manifest.Codec, frames,
            said, Instants.Seconds(off));
    }
}
