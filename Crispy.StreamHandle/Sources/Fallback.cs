namespace Crispy.StreamHandle.Sources;

/// <summary>
/// What a source is spared after it failed. A camera's codecs and what it allows are known only after connecting, and what a container
/// holds differs with ffmpeg's release. Each step gives up the least valuable thing that can be at fault, the video never, and is kept for
/// the life of the process.
/// </summary>
/// <param name="Audio">What becomes of audio.</param>
/// <param name="Transport">RTP's transport.</param>
internal sealed record Fallback(AudioPolicy Audio, RtspTransport Transport)
{
    private static readonly string[] NotHeld =
        ["Could not write header", "Could not find tag for codec", "codec not currently supported in container", "No codec tag",
            "codec tag found for codec", "Error initializing output", "Unknown encoder",
            Muxing.Writing.UnsupportedTrackException.Words];

    private static readonly string[] TransportRefused =
        ["461 Unsupported", "Nonmatching transport", "Unsupported transport", "Protocol not supported"];

    /// <summary>What the configuration asks for.</summary>
    public static Fallback None(StreamOptions stream) => new(stream.Audio, stream.RtspTransport);

    /// <summary>The next step after a run that closed no segment; the same when none can help.</summary>
    /// <param name="error">What ffmpeg said.</param>
    public Fallback After(string error)
    {
        if (Says(error, TransportRefused))
            return this with { Transport = Transport == RtspTransport.Tcp ? RtspTransport.Udp : RtspTransport.Tcp };
        if (!Says(error, NotHeld)) return this;
        return Audio switch
        {
            AudioPolicy.Keep => this with { Audio = AudioPolicy.Aac },
            AudioPolicy.Aac => this with { Audio = AudioPolicy.Drop },
            _ => this,
        };
    }

    /// <summary>The stream as it is opened now.</summary>
    public StreamOptions Apply(StreamOptions stream) => stream with { Audio = Audio, RtspTransport = Transport };

    private static bool Says(string error, string[] texts) => texts.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));
}
