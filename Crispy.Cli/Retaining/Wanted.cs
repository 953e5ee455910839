using Crispy.Contracts;

namespace Crispy.Cli.Retaining;

/// <summary>How long everything is wanted to be kept.</summary>
/// <param name="Video">The default.</param>
/// <param name="LossRecords">That of loss records.</param>
/// <param name="Streams">The streams that are known, with what is their own.</param>
/// <param name="IsWhole">Whether those are all that are recorded.</param>
internal sealed record Wanted(RetentionPeriod Video, RetentionPeriod LossRecords, Dictionary<string, RetentionPeriod?> Streams,
    bool IsWhole);
