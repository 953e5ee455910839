using Crispy.Contracts;

namespace Crispy.StreamHandle.Sources;

/// <summary>Looks at a stream's source before it is recorded, as far as that is needed.</summary>
/// <param name="stream">The stream.</param>
/// <param name="opening">What looking takes.</param>
internal sealed class SourceLook(StreamOptions stream, Opening opening)
{
    // Reading the head of a local file takes long only where the machine is busy, and a file that failed is not tried again.
    private static readonly TimeSpan FilePatience = TimeSpan.FromMinutes(2);

    /// <summary>Whether the source has an end, as far as it is known now: of an HTTP source only its server knows.</summary>
    public bool IsFinite { get; private set; } = HasEnd(stream);

    /// <summary>Whether the source is held to the speed at which it plays.</summary>
    public bool IsPaced => (stream.Realtime && IsFinite) || (stream.Url.Scheme == "demo" && !IsFinite);

    private TimeSpan Patience =>
        TimeSpan.FromTicks(Math.Max(2 * stream.StallTimeout.Ticks, stream.Url.FilePath is null ? 0 : FilePatience.Ticks));

    private bool TakesAnyCodec =>
        stream.Container == ChunkContainer.Matroska || (stream.Container == ChunkContainer.Mp4 && stream.Audio != AudioPolicy.Keep);

    /// <summary>Whether a source has an end, as far as its address tells.</summary>
    public static bool HasEnd(StreamOptions stream) => stream.Url.Scheme switch
    {
        "file" => true,
        "demo" => DemoPicture.Parse(stream.Url).Duration is not null,
        var scheme => scheme == SourceUrl.None.Scheme,
    };

    /// <summary>Looks. A camera is connected to only once, where that is enough: to be looked at beforehand only where the container must
    /// know its codecs.</summary>
    /// <param name="fallback">What the source is spared.</param>
    /// <param name="stopping">Ends the look.</param>
    /// <returns>Null where it was not looked at.</returns>
    /// <exception cref="SourceException">It cannot be opened, or does not answer in time.</exception>
    public async Task<SourceFacts?> LookAsync(Fallback fallback, CancellationToken stopping)
    {
        if (stream.Url.Scheme == "demo") return null;
        if (stream.Url.FilePath is { } path) SourceFile.Require(path);
        var network = stream.Url.Scheme is "rtsp" or "rtsps";
        if (network) await opening.Gate.RequireAsync(stream.Url.Secret, $"{stream.Url}", stopping);
        if (network && TakesAnyCodec) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Patience);
        try
        {
            return await AskAsync(fallback, limit.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new SourceException($"{stream.Url} did not answer within {Patience.TotalSeconds} s");
        }
    }

    private async Task<SourceFacts> AskAsync(Fallback fallback, CancellationToken limit)
    {
        var http = stream.Url.Scheme is "http" or "https" ? await HttpLook.AskAsync(stream, opening.Gate, limit) : null;
        if (http is not null) IsFinite = http.IsFinite;
        var facts = await SourceProbe.LookAsync(opening.Ffmpeg, fallback.Apply(stream), http, limit);
        var isCopiedToTs = stream is { Container: ChunkContainer.TransportStream, Mode: SegmentMode.Copy };
        if (isCopiedToTs && facts.VideoCodec is not ("h264" or "hevc" or "mpeg2video" or "mpeg4"))
            throw new SourceException($"{stream.Url}: {facts.VideoCodec} does not fit into ts; use mkv or mp4, or Mode transcode");
        if (http is not null) IsFinite = SourceProbe.IsFinite(http, facts.Duration);
        return facts;
    }
}
