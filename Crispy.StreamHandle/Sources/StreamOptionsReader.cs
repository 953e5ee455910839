using System.Globalization;
using System.Text.RegularExpressions;
using Crispy.Contracts;
using Crispy.StreamHandle.Configuring;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Sources;

/// <summary>Reads <c>Crispy:Streams:N</c> with the rules of each key and those between keys.</summary>
internal static partial class StreamOptionsReader
{
    public static List<StreamOptions> ReadAll(SettingsReader settings)
    {
        const string path = "Crispy:Streams";
        var found = new List<StreamOptions>();
        foreach (var section in settings.Configuration.GetSection(path).GetChildren())
            if (Read(settings.Section(section.Path)) is { } options)
                found.Add(options with { ConfiguredAt = ConfigurationPlace.Of(settings.Configuration, section) });
        foreach (var twice in found.GroupBy(options => options.Id, StringComparer.Ordinal).Where(group => group.Count() > 1))
            settings.Mistakes.Add($"{path}: the id '{twice.Key}' is used by {twice.Count()} streams; ids must be unique");
        if (found.Sum(options => options.SpoolShare ?? 0) is > 1.000001 and var sum)
            settings.Mistakes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{path}: the SpoolShare of all streams together is {sum}; it must be at most 1"));
        return found;
    }

    /// <returns>Null where the id or the address cannot be used; other mistakes are told to the reader alone.</returns>
    public static StreamOptions? Read(SectionReader keys)
    {
        var id = ReadId(keys);
        var url = ReadUrl(keys);
        var defaults = new StreamOptions { Id = "", Url = SourceUrl.Parse("demo:") };
        var options = defaults with
        {
            Id = id ?? "",
            Name = keys.Text("Name", NamePattern().IsMatch,
                "must be 1 to 100 characters, none of them a control character, and no blank at either end"),
            Group = keys.Text("Group", StreamLabels.IsGroup, StreamLabels.GroupRule),
            Tags = ReadTags(keys),
            Url = url ?? defaults.Url,
            Window = keys.Span("Window", TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1)) ?? defaults.Window,
            Mode = ReadMode(keys, url),
            Container = ReadContainer(keys) ?? defaults.Container,
            Audio = keys.Choice<AudioPolicy>("Audio") ?? AudioPolicy.Keep,
            Variant = keys.Text("Variant", VariantPattern().IsMatch,
                "must be WIDTHxHEIGHT (1280x720), or the most bits a second (2000000)"),
            AudioTrack =
                keys.Text("AudioTrack", AudioTrackPattern().IsMatch, "must be a number from 0 to 99, or a language such as en or deu"),
            EveryNthFrame = keys.Number("EveryNthFrame", 1, 1000) ?? 1,
            Scale = keys.Text("Scale", ScalePattern().IsMatch, "must be WIDTH:HEIGHT, where one may be -1 or -2 (640:360, -2:720)"),
            Codec = keys.Text("Codec", EncoderPattern().IsMatch, "must be the name of one of ffmpeg's encoders") ?? defaults.Codec,
            Crf = keys.Number("Crf", 0, 51),
            Realtime = keys.YesNo("Realtime") ?? false,
            RereadCompleted = keys.YesNo("RereadCompleted") ?? defaults.RereadCompleted,
            RtspTransport = keys.Choice<RtspTransport>("RtspTransport") ?? RtspTransport.Tcp,
            StartTime = keys.Instant("StartTime"),
            OnFull = keys.Choice<OnFull>("OnFull") ?? OnFull.DropOldest,
            SpoolShare = keys.Parsed<double>("SpoolShare",
                text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                    && value is > 0 and <= 1 ? value : null,
                "must be a number over 0, and at most 1"),
            Retention = keys.Parsed<RetentionPeriod>("RetentionDays", RetentionPeriod.Parse, $"must be {RetentionPeriod.Rule}"),
            HardCut = keys.YesNo("HardCut") ?? false,
            KeyframeTimeout = keys.Span("KeyframeTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? defaults.KeyframeTimeout,
            StallTimeout = keys.Span("StallTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? defaults.StallTimeout,
        };
        RequireAgreement(keys, options);
        keys.RefuseUnknownKeys();
        return id is null || url is null ? null : options with { Definition = StreamDefinitions.Of(options, keys.Has) };
    }

    private static void RequireAgreement(SectionReader keys, StreamOptions options)
    {
        if (options.Mode == SegmentMode.Copy)
            foreach (var key in (string[])["Scale", "Crf", "Codec"])
                if (keys.Text(key) is { } value) keys.Mistake(key, value, "needs Mode transcode: copied packets cannot be changed");
        if (options is { Mode: SegmentMode.Copy, EveryNthFrame: > 1 })
            keys.Mistake("EveryNthFrame", keys.Text("EveryNthFrame"), "needs Mode transcode: copied packets cannot be left out");
        if (options is { Mode: SegmentMode.Transcode, HardCut: true })
            keys.Mistake("HardCut", "true", "needs Mode copy: transcoding puts a keyframe at every window");
        RequireTracks(keys, options);
        if (options.Url.Scheme is "rtsp" or "rtsps")
        {
            if (options.Realtime) keys.Mistake("Realtime", "true", "is for files; a camera is always real time");
            if (options.StartTime is not null)
                keys.Mistake("StartTime", keys.Text("StartTime"), "is for files; a camera's frames have a time of their own");
        }
        else if (keys.Text("RtspTransport") is { } transport) keys.Mistake("RtspTransport", transport, "needs an rtsp: or rtsps: Url");
    }

    private static void RequireTracks(SectionReader keys, StreamOptions options)
    {
        if (options.Url.Scheme is "rtsp" or "rtsps" or "demo" && keys.Text("Variant") is { } variant)
            keys.Mistake("Variant", variant, "needs an http:, https: or file: Url: others have no variants");
        if (options.AudioTrack is { } track && (options.Url.Scheme == "demo" || options.Audio == AudioPolicy.Drop))
            keys.Mistake("AudioTrack", track,
                options.Audio == AudioPolicy.Drop ? "needs Audio keep or aac" : "is not for a demo: Url, which has no sound");
    }

    private static string? ReadId(SectionReader keys)
    {
        var id = keys.Text("Id");
        if (StreamId.IsValid(id)) return id;
        keys.Mistake("Id", id, StreamId.Rule);
        return null;
    }

    private static IReadOnlyList<string> ReadTags(SectionReader keys)
    {
        var tags = StreamLabels.AsSet(keys.List("Tags"));
        if (tags.FirstOrDefault(tag => !StreamLabels.IsTag(tag)) is { } wrong) keys.Mistake("Tags", wrong, StreamLabels.TagsRule);
        else if (tags.Count > StreamLabels.MaxTags) keys.Mistake("Tags", $"{tags.Count} words", StreamLabels.TagsRule);
        else return tags;
        return [];
    }

    private static SourceUrl? ReadUrl(SectionReader keys)
    {
        var text = keys.Text("Url");
        if (text is null)
        {
            keys.Mistake("Url", null, "must be an rtsp:, rtsps:, http:, https:, file: or demo: URL or the path of a file");
            return null;
        }
        try
        {
            var url = SourceUrl.Parse(text);
            if (url.Scheme == "demo") _ = DemoPicture.Parse(url);
            return url;
        }
        catch (FormatException malformed)
        {
            keys.Mistake("Url", text.Length > SourceUrl.MaxBytes ? Redaction.Mask : Redaction.ApplyToGiven(text), malformed.Message);
            return null;
        }
    }

    // Its pictures are drawn, and so are no video yet: copied they would be raw, 35 MB/s that no browser plays.
    private static SegmentMode ReadMode(SectionReader keys, SourceUrl? url)
    {
        var mode = keys.Choice<SegmentMode>("Mode");
        if (url?.Scheme != "demo") return mode ?? SegmentMode.Copy;
        if (mode == SegmentMode.Copy)
            keys.Mistake("Mode", keys.Text("Mode"),
                "must be transcode with a demo: Url, whose drawn pictures hold no packets that could be copied");
        return SegmentMode.Transcode;
    }

    private static string? ReadContainer(SectionReader keys)
    {
        var container = keys.Text("Container")?.ToLowerInvariant();
        if (container is null || ChunkContainer.IsValid(container)) return container;
        keys.Mistake("Container", container, "must be one of mkv, mp4, ts");
        return null;
    }

    [GeneratedRegex(@"\A(?:[1-9]\d{0,4}:(?:[1-9]\d{0,4}|-[12])|-[12]:[1-9]\d{0,4})\z")]
    private static partial Regex ScalePattern();

    [GeneratedRegex(@"\A[1-9]\d{0,4}x[1-9]\d{0,4}\z|\A[1-9]\d{0,9}\z")]
    private static partial Regex VariantPattern();

    [GeneratedRegex(@"\A\d{1,2}\z|\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\z")]
    private static partial Regex AudioTrackPattern();

    [GeneratedRegex(@"\A(?!\s)\P{C}{1,100}(?<!\s)\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[a-z0-9_]{1,40}\z")]
    private static partial Regex EncoderPattern();
}
