using System.Text.Json;

namespace Crispy.StreamHandle.Sources;

/// <summary>Definitions of streams as the API shows them.</summary>
internal static class StreamDefinitions
{
    /// <summary>The definition without secrets.</summary>
    public static StreamDefinition Redacted(this StreamDefinition definition) =>
        definition with { Url = definition.Url is null ? null : SourceUrl.Parse(definition.Url).Redacted };

    /// <summary>What was given of a stream's options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="given">Whether a key was.</param>
    public static StreamDefinition Of(StreamOptions options, Func<string, bool> given)
    {
        return new StreamDefinition
        {
            Id = options.Id,
            Name = options.Name,
            Group = options.Group,
            Tags = options.Tags.Count > 0 ? options.Tags : null,
            Url = options.Url.Secret,
            Window = Seconds(nameof(StreamDefinition.Window), options.Window),
            Mode = Choice(nameof(StreamDefinition.Mode), options.Mode),
            Container = given(nameof(StreamDefinition.Container)) ? options.Container : null,
            Audio = Choice(nameof(StreamDefinition.Audio), options.Audio),
            Variant = options.Variant,
            AudioTrack = options.AudioTrack,
            EveryNthFrame = given(nameof(StreamDefinition.EveryNthFrame)) ? options.EveryNthFrame : null,
            Scale = options.Scale,
            Codec = given(nameof(StreamDefinition.Codec)) ? options.Codec : null,
            Crf = options.Crf,
            Realtime = given(nameof(StreamDefinition.Realtime)) ? options.Realtime : null,
            RereadCompleted = given(nameof(StreamDefinition.RereadCompleted)) ? options.RereadCompleted : null,
            RtspTransport = Choice(nameof(StreamDefinition.RtspTransport), options.RtspTransport),
            StartTime = options.StartTime,
            OnFull = Choice(nameof(StreamDefinition.OnFull), options.OnFull),
            SpoolShare = options.SpoolShare,
            RetentionDays = options.Retention?.ToString(),
            HardCut = given(nameof(StreamDefinition.HardCut)) ? options.HardCut : null,
            KeyframeTimeout = Seconds(nameof(StreamDefinition.KeyframeTimeout), options.KeyframeTimeout),
            StallTimeout = Seconds(nameof(StreamDefinition.StallTimeout), options.StallTimeout),
        };

        double? Seconds(string key, TimeSpan span) => given(key) ? span.TotalSeconds : null;
        string? Choice<T>(string key, T value) where T : struct, Enum =>
            given(key) ? JsonNamingPolicy.CamelCase.ConvertName(value.ToString()) : null;
    }
}
