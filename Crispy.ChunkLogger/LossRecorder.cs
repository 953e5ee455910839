using System.Diagnostics;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Publishing;
using Crispy.ChunkLogger.Verifying;
using Crispy.ChunkLogger.Writing;
using Crispy.Contracts;

namespace Crispy.ChunkLogger;

/// <summary>Makes the entry of one loss record, as part of the lost chunk's own trace.</summary>
internal sealed class LossRecorder(ChunkLoggerOptions settings, ManifestVerifier verifier, ManifestChain chain, Outlet outlet,
    Metrics metrics, TimeProvider time)
{
    public async Task RecordAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        ActivityContext parent = default;
        if (stored.Metadata.TryGetValue(ChunkMetadata.Traceparent, out var traceparent))
            ActivityContext.TryParse(traceparent, null, isRemote: true, out parent);
        using var activity = metrics.Source.StartActivity("loss log", ActivityKind.Consumer, parent);
        var report = LossReport.Make(stored, verifier, chain);
        var entry = new LossEntry { Report = report, Time = time.GetUtcNow(), Trace = activity?.Context ?? parent,
            Project = settings.Project };
        await outlet.PutAsync(stored.Identity, entry, () => metrics.LossLogged(report), cancellationToken);
        activity?.SetTag("crispy.chunk", report.Chunk).SetTag("crispy.loss", report.Record?.Reason)
            .SetTag("crispy.signature", report.SignatureText);
    }
}
