using System.Security.Cryptography;
using System.Text.Json;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using Crispy.Exporting;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Exporting;

/// <summary>A chunk that was fetched and is what was signed.</summary>
/// <param name="Object">Its resource, with the manifest and signature in its metadata.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Piece">Its file.</param>
internal sealed record FetchedChunk(GcsObject Object, ChunkManifest Manifest, Piece Piece);

/// <summary>Fetches chunks from the bucket, each with what lies at its object, and holds it against its signature, name and hash.</summary>
internal sealed class ChunkFetcher(Bucket bucket, ManifestVerifier verifier, ArchiveOptions options)
{
    private readonly FfmpegTools _tools = new(options.FfmpegFolder, IsBackground: true);

    /// <summary>Fetches one.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="item">The chunk.</param>
    /// <param name="folder">Where its file goes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>It, or what is wrong with it, in a word as <c>crispy verify</c> says it.</returns>
    public async Task<(FetchedChunk? Chunk, string? Wrong)> FetchAsync(string stream, Recorded item, ExportFolder folder,
        CancellationToken cancellation)
    {
        var name = item.ObjectName(stream);
        if (await bucket.GetAsync(name, cancellation).ConfigureAwait(false) is not { } found) return (null, "missing");
        var statement = ChunkMetadata.ManifestBytes(found.Metadata);
        if (ObjectReading.ManifestOrNull(statement) is not { } manifest) return (null, "unreadable");
        var state = verifier.Check(statement!, found.Told(ChunkMetadata.Signature));
        if (state != SignatureState.Verified) return (null, Word(state));
        if (manifest.Object != name || manifest.Stream != stream) return (null, "moved");
        var path = folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!await DownloadAsync(found, path, cancellation).ConfigureAwait(false)) return (null, "missing");
        if (await HashAsync(path, cancellation).ConfigureAwait(false) != manifest.Sha256) return (null, "altered");
        var facts = await ChunkFacts.ReadAsync(_tools, path, cancellation).ConfigureAwait(false);
        return (new(found, manifest, new(Chunk(manifest), name, facts)), null);
    }

    private async Task<bool> DownloadAsync(GcsObject found, string path, CancellationToken cancellation)
    {
        var file = new FileStream(path,
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous });
        await using (file.ConfigureAwait(false))
            return await bucket.DownloadSignedAsync(found.Name!, found.Generation, file, cancellation).ConfigureAwait(false);
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        var file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
    }

    private static ExportChunk Chunk(ChunkManifest manifest) => new(manifest.Chunk, manifest.From, manifest.To, ExportChunk.Stored)
    {
        Duration = manifest.Duration, Frames = manifest.Frames, Size = manifest.Size, Rotation = manifest.Rotation ?? 0, Sar = manifest.Sar,
    };

    private static string Word(SignatureState state) => state switch
    {
        SignatureState.Missing => "unsigned",
        SignatureState.UnknownKey => "unknownKey",
        _ => "forged",
    };
}

/// <summary>Writes the list of a downloaded bucket, as <c>crispy verify</c> reads it.</summary>
internal sealed class ObjectList(Stream destination) : IAsyncDisposable
{
    private readonly Utf8JsonWriter _json = Begin(destination);

    public async Task AddAsync(GcsObject found, CancellationToken cancellation)
    {
        _json.WriteStartObject();
        _json.WriteString("name", found.Name);
        _json.WriteStartObject("metadata");
        foreach (var (key, value) in (found.Metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            _json.WriteString(key, value);
        _json.WriteEndObject();
        _json.WriteEndObject();
        await _json.FlushAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        await _json.DisposeAsync().ConfigureAwait(false);
    }

    private static Utf8JsonWriter Begin(Stream destination)
    {
        var json = new Utf8JsonWriter(destination);
        json.WriteStartObject();
        json.WriteString("kind", "storage#objects");
        json.WriteStartArray("items");
        return json;
    }
}
