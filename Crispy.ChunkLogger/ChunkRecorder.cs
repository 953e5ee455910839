using System.Diagnostics;
using Crispy.ChunkLogger.Publishing;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Signing;
using Crispy.ChunkLogger.Verifying;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;

namespace Crispy.ChunkLogger;

/// <summary>Makes the entry of one chunk: reads its head, verifies it, signs its URL, writes and publishes it.
/// Part of the chunk's own trace.</summary>
internal sealed class ChunkRecorder(
    ChunkLoggerOptions settings, HeadDownload heads, ManifestVerifier verifier, ManifestChain chain, SignedUrls urls, Outlet outlet,
    Metrics metrics, TimeProvider time)
{
    public async Task RecordAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var parent = Trace(stored);
        var request = Activity.Current?.Context ?? default;
        using var activity =
            metrics.Source.StartActivity("chunk log", ActivityKind.Consumer, parent, links: request == default ? null : [new(request)]);
        activity?.SetTag("crispy.object", stored.Name);
        try
        {
            var head = await heads.ReadAsync(stored, cancellationToken);
            var report = ChunkReport.Make(stored, head, verifier, chain);
            var (url, expires) = await urls.SignAsync(stored, cancellationToken);
            var now = time.GetUtcNow();
            var latency = now - report.Manifest?.To;
            var entry = new ChunkEntry
            {
                Report = report,
                Time = now,
                SignedUrl = url,
                SignedUrlExpires = expires,
                Latency = latency,
                Trace = activity?.Context ?? parent,
                Project = settings.Project,
            };
            await outlet.PutAsync(stored.Identity, entry, () => metrics.Logged(report, latency), cancellationToken);
            activity?.SetTag("crispy.chunk", report.Chunk).SetTag("crispy.signature", report.SignatureText)
                .SetTag("crispy.bytes_read", head.BytesRead);
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
    }

    private static ActivityContext Trace(StoredObject stored) =>
        stored.Metadata.TryGetValue(ChunkMetadata.Traceparent, out var traceparent)
        && ActivityContext.TryParse(traceparent, null, isRemote: true, out var context)
            ? context
            : default;
}
