using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.Cli.Tests;

/// <summary>A spool as stream-handle leaves it: chunks that wait, and the journal.</summary>
internal static class SpooledChunks
{
    public static void Write(string path, string stream, IEnumerable<Stored> waiting, long next, string? previous)
    {
        var spool = new SpoolLayout(path);
        Directory.CreateDirectory(spool.Ready(stream));
        foreach (var stored in waiting)
        {
            Assert.True(ChunkId.TryParse(stored.Chunk, out var id));
            var files = spool.ReadyFiles(id, "mkv");
            File.WriteAllBytes(files.Chunk, stored.Content);
            File.WriteAllBytes(files.Manifest,
                SignedManifest.Write(ChunkMetadata.ManifestBytes(stored.Metadata), stored.Metadata[ChunkMetadata.Signature]));
        }
        File.WriteAllText(spool.Journal(stream),
            JsonSerializer.Serialize(new { schema = "crispy.stream/1", nextSequence = next, previous }));
    }
}
