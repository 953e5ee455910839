using System.Globalization;
using System.Text;
using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Archive.Exporting;

/// <summary>Tells the person who gets an export what it is, and how to check it.</summary>
internal static class ExportReadme
{
    private const int MostHoles = 1000;

    public static string Write(ExportRequest request, ExportedVideo video, int chunks, IReadOnlyList<ExportHole> holes,
        DateTimeOffset made, string? key)
    {
        var noun = chunks == 1 ? "chunk" : "chunks";
        var offClock = video.SecondsOffClock == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", within {video.SecondsOffClock} s");
        var signedChunks = request.Originals
            ? "The chunks themselves, byte for byte as stream-handle, which recorded them, signed them; their"
            : "The chunks'";
        var unsigned = key is null ? ", which nobody signed: this console has no key of its own." : ".";
        var keyOfStatement = key is null ? "" : $"\nThe key of the statement is {key}.";
        const string chunkFaults = "a changed, missing, added or reordered chunk (signature, SHA-256 and hash chain of each)";
        var videoFaults = request.Originals
            ? "; a video with\nother pictures than the signed chunks, or in another order (packet by packet)"
            : "; a changed video, by the\nstatement alone, since the chunks are not in here";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            Video of '{request.Stream}', {Instants.Format(video.From)} to {Instants.Format(video.To)} (UTC)
            Taken out on {Instants.Format(made)}; asked for: {Instants.Format(request.From)} to {Instants.Format(request.To)}

            {video.Name}
                The video: {video.Frames} pictures of {chunks} {noun}, each as it was recorded. The time of a picture is
                {Instants.Format(video.From)} plus its timestamp{offClock}. {SoundWords(video.Sound)}
            proof/
                {signedChunks} signed manifests and the signed records
                of losses (objects.json), the signed account of the range (ledger-report.jws), the public keys (keys.json), and the
                statement that names every file with its SHA-256 (export.jws){unsigned}

            To check it, as the ZIP or unpacked:

                crispy verify THE-ZIP-OR-FOLDER --keys https://THE-CONSOLE/.well-known/jwks.json

            Take the keys from the installation's owner, not from here: without --keys those in proof/keys.json are used, which find
            what was damaged, but not what somebody replaced together with the keys.{keyOfStatement}

            What it finds: {chunkFaults}{videoFaults}; a changed file.

            """);
        text.Append(holes.Count == 0 ? "\nNothing of the range is missing.\n" : "\nNot in the video:\n");
        foreach (var hole in holes.Take(MostHoles))
            text.Append(CultureInfo.InvariantCulture, $"    {Instants.Format(hole.From)} to {Instants.Format(hole.To)}: {Why(hole)}\n");
        if (holes.Count > MostHoles)
            text.Append(CultureInfo.InvariantCulture, $"    {holes.Count - MostHoles} more: proof/export.jws names them.\n");
        return text.ToString();
    }

    private static string SoundWords(string sound) => sound switch
    {
        "aac" => "The sound was re-encoded.",
        "drop" => "The sound was left out.",
        "none" => "There is no sound.",
        _ => "So is the sound.",
    };

    private static string Why(ExportHole hole) => hole.Kind switch
    {
        "gap" when hole.Reason == GapReason.Missing => $"missing, and never declared lost ({hole.Chunks} chunks)",
        "gap" => "not recorded",
        "lost" => $"declared lost by a signed record: {hole.Reason}",
        "spooled" => "recorded, and not stored yet",
        "dead" => "recorded, and could not be stored yet",
        "bad" => $"left out, since it is not what was signed: {hole.Reason}",
        _ => hole.Kind,
    };
}
