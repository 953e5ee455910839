using System.Security.Cryptography;
using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Archive.Exporting;

/// <summary>Adds to an export what proves it: loss records, the signed account of the range, and public keys. The signed statement of all
/// of it comes last.</summary>
internal sealed class ExportProof(Bucket bucket, RangeReader ranges, ExportReport report, ArchiveOptions options, ReportSigner signer)
{
    /// <summary>Adds the loss records of the range.</summary>
    public async Task AddLossesAsync(ExportZip zip, ObjectList list, ExportRequest request, CancellationToken cancellation)
    {
        var content = await ranges.ReadAsync(request.Stream, request.From, request.To, cancellation).ConfigureAwait(false);
        var names = content.Items.Where(item => item.State == ArchiveState.Lost).Select(item => item.ObjectName(request.Stream))
            .ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0) return;
        var (first, end) = (names.Min(StringComparer.Ordinal), names.Max(StringComparer.Ordinal) + "~");
        await foreach (var found in bucket.ListAsync($"{request.Stream}/_loss/", Bucket.AllFields, first, end, cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (!names.Contains(found.Name!) || LossMetadata.RecordBytes(found.Metadata) is not { } record) continue;
            await list.AddAsync(found, cancellation).ConfigureAwait(false);
            await zip.AddAsync($"{ExportStatement.ProofFolder}/{found.Name}", record, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Adds the rest; the statement comes last, and covers all.</summary>
    public async Task AddAsync(ExportZip zip, ExportRequest request, ExportedVideo video, IReadOnlyList<FetchedChunk> chunks,
        IReadOnlyList<ExportHole> holes,
        DateTimeOffset made, CancellationToken cancellation)
    {
        var account = await report.WriteAsync(request.From, request.To, request.Stream, cancellation).ConfigureAwait(false);
        await zip.AddAsync(ExportStatement.ReportName, account, cancellation).ConfigureAwait(false);
        await zip.AddAsync(ExportStatement.KeysName, Keys(), cancellation).ConfigureAwait(false);
        var readme = ExportReadme.Write(request, video, chunks.Count, holes, made, signer.KeyId);
        await zip.AddAsync(ExportStatement.ReadmeName, System.Text.Encoding.UTF8.GetBytes(readme), cancellation).ConfigureAwait(false);
        var statement = new ExportStatement
        {
            Made = made, Signed = signer.KeyId is not null, SignedBy = signer.KeyId, Stream = request.Stream,
            Asked = new(request.From, request.To), Video = video,
            Originals = request.Originals, Holes = holes, Files = [.. zip.Files],
            Chunks = [.. chunks.Select(chunk =>
                new ExportedChunk(chunk.Manifest.Chunk, chunk.Manifest.Object, chunk.Manifest.Sha256, chunk.Manifest.Frames))],
        };
        await zip.AddAsync(ExportStatement.FileName, statement.Write(signer.Exports), cancellation).ConfigureAwait(false);
    }

    private byte[] Keys()
    {
        List<ECDsa> keys = [.. SigningKey.ReadPublic(options.PublicKeys)];
        List<ECDsa> own = signer.PublicPem is { } pem ? [.. SigningKey.ReadPublic(pem)] : [];
        try
        {
            return JsonWebKeySet.Write(keys, own);
        }
        finally
        {
            foreach (var key in keys.Concat(own)) key.Dispose();
        }
    }
}

/// <summary>Writes the signed account of a range.</summary>
/// <param name="WriteAsync">The range, the stream.</param>
internal sealed record ExportReport(Func<DateTimeOffset, DateTimeOffset, string, CancellationToken, Task<byte[]>> WriteAsync);
