using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.Exporting;

/// <summary>
/// What an export is, signed by the console that made it. It is <see cref="SignedLines"/> of its JSON in one line, or that line alone where
/// nobody signed it. With the chunks' own manifests it says which pictures the video has, in which order, and which file is which. A folder
/// or ZIP of an export holds
/// <code>
/// README.txt
/// gate-20261122T140300Z-20261122T140500Z.mp4    to look at
/// proof/export.jws                              this
/// proof/objects.json                            names, signed manifests and loss records of the range, as a bucket lists them
/// proof/gate/2026/11/22/14/....mkv              the chunks as they were recorded and signed; not in every export
/// proof/ledger-report.jws                       the signed account of the range
/// proof/keys.json                               public keys (RFC 7517)
/// </code></summary>
public sealed record ExportStatement
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const string CurrentSchema = "crispy.export/1";

    /// <summary>The <c>typ</c> of its signature.</summary>
    public const string SignatureType = "crispy-export+jws";

    /// <summary>The folder of everything but the video and the README.</summary>
    public const string ProofFolder = "proof";

    /// <summary>The statement's own name.</summary>
    public const string FileName = $"{ProofFolder}/export.jws";

    /// <summary>The list of manifests and loss records.</summary>
    public const string ObjectsName = $"{ProofFolder}/objects.json";

    /// <summary>The public keys.</summary>
    public const string KeysName = $"{ProofFolder}/keys.json";

    /// <summary>The account of the range.</summary>
    public const string ReportName = $"{ProofFolder}/ledger-report.jws";

    /// <summary>How to check it all.</summary>
    public const string ReadmeName = "README.txt";

    /// <summary>Largest statement that is read, in bytes: some million chunks.</summary>
    public const long MaxBytes = 512L << 20;

    private const string What = "statement of an export";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 16, AllowDuplicateProperties = false,
    };

    /// <summary>Name and version of this format.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset Made { get; init; }

    /// <summary>Whether it is signed.</summary>
    public required bool Signed { get; init; }

    /// <summary>The name (RFC 7638) of the key that signed it; null where nobody did.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    /// <summary>The range that was asked for.</summary>
    public required ExportRange Asked { get; init; }

    /// <summary>The video.</summary>
    public required ExportedVideo Video { get; init; }

    /// <summary>Whether the chunks themselves are in it too.</summary>
    public required bool Originals { get; init; }

    /// <summary>The chunks that the video joins, in its order.</summary>
    public required IReadOnlyList<ExportedChunk> Chunks { get; init; }

    /// <summary>What of the range the video does not hold.</summary>
    public required IReadOnlyList<ExportHole> Holes { get; init; }

    /// <summary>All files but this one and the chunks.</summary>
    public required IReadOnlyList<ExportedFile> Files { get; init; }

    /// <summary>The content of its file.</summary>
    /// <param name="signer">One of <see cref="SignatureType"/>; null leaves it unsigned.</param>
    public byte[] Write(ManifestSigner? signer)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, Options);
        return signer is null ? [.. json, (byte)'\n'] : SignedLines.Write(json, signer.Sign(json), What);
    }

    /// <summary>Reads a file back; nothing of it is believed.</summary>
    /// <returns>The statement, its exact bytes, and the JWS over them, null where there is none.</returns>
    /// <exception cref="FormatException">It is none.</exception>
    public static (ExportStatement Statement, byte[] Json, string? Signature) Read(ReadOnlySpan<byte> content)
    {
        var json = SignedLines.FirstLine(content).ToArray();
        var signature = content.Length <= json.Length + 1 ? null : SignedLines.Parse(content, What).Signature;
        try
        {
            var statement = JsonSerializer.Deserialize<ExportStatement>(json, Options) ?? throw new FormatException($"the {What} is null");
            if (statement.Schema != CurrentSchema)
                throw new FormatException($"the schema '{statement.Schema}' is not known here (only '{CurrentSchema}')");
            return (statement, json, signature);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"not a {What}: {malformed.Message}", malformed);
        }
    }
}

/// <summary>A range, UTC.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
public sealed record ExportRange(DateTimeOffset From, DateTimeOffset To);

/// <summary>The video of an export.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">UTC time of its first frame, which is a keyframe: a frame's time is that plus its timestamp.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
/// <param name="Codec">Of its pictures, as ffmpeg names it.</param>
/// <param name="Frames">How many pictures it has.</param>
/// <param name="Sound"><c>copy</c>, <c>aac</c> (re-encoded), <c>drop</c> (left out) or <c>none</c>.</param>
/// <param name="SecondsOffClock">How far a chunk's place in it is from its clock at most.</param>
public sealed record ExportedVideo(string Name, DateTimeOffset From, DateTimeOffset To, string Codec, long Frames, string Sound,
    decimal SecondsOffClock);

/// <summary>A chunk that the video holds, whole.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="Object">Its object's name; below <see cref="ExportStatement.ProofFolder"/> that of its file.</param>
/// <param name="Sha256">Of its file, lower-case hexadecimal.</param>
/// <param name="Frames">How many pictures it has.</param>
public sealed record ExportedChunk(string Chunk, string Object, string Sha256, long Frames);

/// <summary>A file of the export.</summary>
/// <param name="Name">Its path, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record ExportedFile(string Name, long Bytes, string Sha256);
