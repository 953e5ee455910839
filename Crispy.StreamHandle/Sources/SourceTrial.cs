using System.Globalization;
using Crispy.StreamHandle.Launching;

namespace Crispy.StreamHandle.Sources;

/// <summary>Tries a source before it becomes a stream: what it holds, how soon a picture comes, how far its keyframes lie apart. Always
/// ends within <see cref="Limit"/>.</summary>
public sealed class SourceTrial(Ffmpeg ffmpeg, SourceGate gate, TimeProvider clock) : IDisposable
{
    /// <summary>How long a trial takes at most.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Trials at once at most: each may hold two connections and decode a picture.</summary>
    private const int AtOnce = 4;

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>Tries a source.</summary>
    /// <param name="stream">The source, as the stream that it may become.</param>
    /// <param name="cancellation">Ends it before its time.</param>
    /// <returns>Null where too many are being tried already.</returns>
    public async Task<TrialReport?> RunAsync(StreamOptions stream, CancellationToken cancellation)
    {
        if (!_turns.Wait(0, CancellationToken.None)) return null;
        using var late = new CancellationTokenSource(Limit, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await TryAsync(stream with { StallTimeout = Limit }, limit.Token);
        }
        catch (SourceException unopened)
        {
            return await FailedAsync(unopened.Message, stream);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return await FailedAsync($"{stream.Url} did not answer within {Limit.TotalSeconds} s", stream);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private static async Task<TrialReport> FailedAsync(string why, StreamOptions stream) =>
        new(false, why, null, null, null, null, null, await TrialAdvice.OfAsync(why, stream.Url));

    private async Task<TrialReport> TryAsync(StreamOptions stream, CancellationToken limit)
    {
        if (stream.Url.FilePath is { } path) SourceFile.Require(path);
        if (stream.Url.Scheme is "rtsp" or "rtsps") await gate.RequireAsync(stream.Url.Secret, $"{stream.Url}", limit);
        var http = stream.Url.Scheme is "http" or "https" ? await HttpLook.AskAsync(stream, gate, limit) : null;
        var found = await SourceProbe.ShowAsync(ffmpeg, stream, http, limit);
        var video = TrackChoice.Video(found, stream);
        var audio = TrackChoice.Audio(found, stream, video, http);
        var frames = new TrialFrames(ffmpeg, clock);
        await frames.ReadAsync(stream, $"0:{video.Index}", limit);
        var error = frames.Picture is not null ? null : frames.Error ?? $"no picture came within {Limit.TotalSeconds} s";
        return new(error is null, error, Kind(stream, found, http),
            new(video.CodecName!, video.Width, video.Height, Fps(video.FrameRate) ?? frames.Fps, frames.GopSeconds, video.PixelFormat),
            audio is null
                ? null
                : new(audio.CodecName,
                    int.TryParse(audio.SampleRate, NumberStyles.None, CultureInfo.InvariantCulture, out var rate)
                        ? rate
                        : null, audio.Channels),
            frames.FirstKeyframe?.TotalSeconds, frames.Picture is { } picture ? $"data:image/jpeg;base64,{Convert.ToBase64String(picture)}"
                : null,
            error is null ? null : await TrialAdvice.OfAsync(error, stream.Url));
    }

    private static string Kind(StreamOptions stream, ProbeResult found, HttpAnswer? http)
    {
        var finite = stream.Url.Scheme switch
        {
            "file" => true,
            "demo" => DemoPicture.Parse(stream.Url).Duration is not null,
            "http" or "https" => SourceProbe.IsFinite(http, SourceProbe.Duration(found)),
            _ => false,
        };
        return finite ? "finite" : "live";
    }

    // A camera that does not say gives 0/0, or its clock's rate.
    private static double? Fps(string? fraction) =>
        fraction?.Split('/') is [var above, var below] && double.TryParse(above, CultureInfo.InvariantCulture, out var frames)
        && double.TryParse(below, CultureInfo.InvariantCulture, out var seconds)
        && seconds > 0 && frames / seconds is > 0 and <= 240 and var fps ? Math.Round(fps, 3) : null;
}
