using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>A loss record that lies ready in the spool.</summary>
/// <param name="Path">Where it lies; it is gone once a worker has stored it.</param>
/// <param name="Record">The record.</param>
/// <param name="Bytes">Its exact bytes.</param>
/// <param name="Signature">The detached JWS over them.</param>
public sealed record SpooledLoss(string Path, LossRecord Record, byte[] Bytes, string Signature)
{
    /// <summary>Reads a ready record back; null when a worker has taken it away meanwhile.</summary>
    /// <exception cref="FormatException">The record is malformed.</exception>
    public static SpooledLoss? Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return new(path, LossJson.Read(bytes), bytes, File.ReadAllText(LossFiles.Of(path).Signature));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
