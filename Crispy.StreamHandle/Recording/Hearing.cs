using System.Threading.Channels;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Recording;

/// <summary>Hears what one ffmpeg says of its source, line by line.</summary>
internal sealed class Hearing(RunOrder order, ComplaintPlaces places, ChannelWriter<Found> found, ILogger log)
{
    /// <summary>Takes one line.</summary>
    /// <param name="line">The line, without secrets.</param>
    /// <param name="written">Tells how many bytes ffmpeg has written: a complaint is about what it writes next.</param>
    public void Hear(string line, Func<long> written)
    {
        Log.FfmpegLine(log, order.Stream.Id, line);
        var complaint = order.End.Heard(line);
        if (complaint == Complaint.Unknown)
        {
            Log.ComplaintUnknown(log, order.Stream.Id, order.End.LastUnknown);
            found.TryWrite(new Found.Complaint(order.End.LastUnknown));
        }
        if (complaint is not (Complaint.Damage or Complaint.Missing)) return;
        places.Add(written());
        found.TryWrite(new Found.Damage());
    }
}
