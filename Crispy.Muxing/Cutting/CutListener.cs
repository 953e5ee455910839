namespace Crispy.Muxing.Cutting;

/// <summary>A picture on its way from its source.</summary>
/// <param name="Timeline">Counts the source's timelines from 0: another one begins where its clock steps.</param>
/// <param name="Position">When it is shown, on that timeline.</param>
/// <param name="At">When it came, by the cutter's clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Camera">When it was taken by its camera's sender reports (RTCP SR, RFC 3550, 6.4.1); null where they do not say.</param>
public readonly record struct PictureArrival(int Timeline, TimeSpan Position, long At, DateTimeOffset? Camera);

/// <summary>What the cutter tells while it works. All are called on the thread that reads.</summary>
/// <param name="Closed">A chunk is complete.</param>
/// <param name="Arrived">A picture came.</param>
/// <param name="Discarded">A picture in front of a live source's first keyframe was discarded.</param>
public sealed record CutListener(Action<CutChunk> Closed, Action<PictureArrival> Arrived, Action Discarded);
