using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>The two files of one loss record in a folder of the spool.</summary>
/// <param name="Record">Path of the record; it comes last, so that its signature is there before it.</param>
/// <param name="Signature">Path of the detached JWS (ASCII); not that of the chunk, which may still lie beside it.</param>
public readonly record struct LossFiles(string Record, string Signature)
{
    /// <summary>The files of a lost chunk's record in a folder.</summary>
    public static LossFiles In(string folder, ChunkId id) => Of(Path.Combine(folder, $"{id.Epoch}-{ChunkId.Digits(id.Sequence)}.loss"));

    /// <summary>The files of a record whose path is known.</summary>
    public static LossFiles Of(string record) => new(record, $"{record}-jws");

    /// <summary>Reads a record's file name back, as in <c>20261122T170844123Z-00000042.loss</c>.</summary>
    /// <returns>False for any other file.</returns>
    public static bool TryParseRecordName(string path, out string epoch, out long sequence)
    {
        (epoch, sequence) = ("", 0);
        if (Path.GetFileName(path).Split('-', '.') is not [var time, var digits, "loss"]) return false;
        if (!Epoch.TryParse(time, out _) || !ChunkId.TryParseDigits(digits, out sequence)) return false;
        epoch = time;
        return true;
    }
}
