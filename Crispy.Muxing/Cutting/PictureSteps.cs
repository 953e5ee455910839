using Crispy.Muxing.Bitstreams;

namespace Crispy.Muxing.Cutting;

/// <summary>How far pictures are apart: by what came so far, and by the rate that the source declares. In the video's ticks.</summary>
/// <param name="tick">The unit.</param>
/// <param name="declaredFrame">A frame's length by the rate that the source declares; null where it declares none.</param>
/// <param name="bitstream">May declare one too.</param>
internal sealed class PictureSteps(Tick tick, Tick? declaredFrame, VideoBitstream bitstream)
{
    private const long PartsOfSecond = 1_000_000_000_000;

    /// <summary>The usual distance of two pictures in the chunks that ended; null where none of them tells.</summary>
    public long? Usual { get; private set; }

    /// <summary>How far a time may lie beside the expected one without meaning anything.</summary>
    public long Slack => Math.Max(1, (Usual ?? tick.From(TimeSpan.FromMilliseconds(20))) / 2);

    private Tick DeclaredFrame =>
        declaredFrame
        ?? (bitstream.FrameSeconds is > 0.001 and < 1000 and var seconds
            ? new((long)Math.Round(seconds * PartsOfSecond), PartsOfSecond)
            : new(1, 25));

    /// <summary>How long a number of frames lasts by the declared rate.</summary>
    public long Declared(long frames) => DeclaredFrame.In(tick, frames);

    /// <summary>The usual distance in a chunk, or in those before it; null where none of them tells.</summary>
    public long? In(OpenChunk chunk) => chunk.UsualStep() ?? Usual;

    /// <summary>When a chunk's last picture ends, if it stands as long as usual.</summary>
    public long EndOf(OpenChunk chunk) => chunk.Last + Math.Max(1, In(chunk) ?? Declared(1));

    /// <summary>Learns from a chunk that ends.</summary>
    public void Learn(OpenChunk chunk) => Usual = In(chunk);
}
