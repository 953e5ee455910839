using Crispy.Contracts;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Registering;

/// <summary>How long what is recorded is kept: <c>Crispy:Retention</c>. The bucket carries it out, by rules that <c>crispy retention
/// apply</c> sets.</summary>
/// <param name="Video">Video of streams that have no <c>RetentionDays</c> of their own.</param>
/// <param name="LossRecords">Loss records, which outlive their video.</param>
public sealed record RetentionSettings(RetentionPeriod Video, RetentionPeriod LossRecords)
{
    internal const string Section = "Crispy:Retention";

    /// <summary>What counts for a stream.</summary>
    public StreamRetention Of(StreamOptions? options) =>
        new((options?.Retention ?? Video).Days, LossRecords.Days, options?.Retention is not null, Video.Days);

    /// <summary>Why a stream's video may not be kept so long; null where it may.</summary>
    public string? Mistake(StreamOptions options) => options.Retention is { } own && own > LossRecords
        ? $"is '{own}': loss records are kept {LossRecords.Words} ({Section}:LossRecordDays), and must outlive the video that they tell of"
        : null;

    internal static RetentionSettings Read(SettingsReader all, IReadOnlyList<StreamOptions> streams)
    {
        var keys = all.Section(Section);
        var (video, losses) = (Period(keys, "Days") ?? RetentionPeriod.Forever, Period(keys, "LossRecordDays") ?? RetentionPeriod.Forever);
        if (losses < video) keys.Mistake("LossRecordDays", losses.ToString(),
            $"must not be below Days, {video}: loss records outlive the video that they tell of");
        keys.RefuseUnknownKeys();
        var settings = new RetentionSettings(video, losses);
        foreach (var mistake in streams.Select(settings.Mistaken).OfType<string>()) all.Mistakes.Add(mistake);
        return settings;
    }

    private string? Mistaken(StreamOptions options) => Mistake(options) is { } mistake
        ? $"Crispy:Streams: RetentionDays of '{options.Id}' {mistake}" : null;

    private static RetentionPeriod? Period(SectionReader keys, string key) =>
        keys.Parsed<RetentionPeriod>(key, RetentionPeriod.Parse, $"must be {RetentionPeriod.Rule}");
}
