using Crispy.ChunkLogger.Reading;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Verifying;

/// <summary>All that is known of a stored loss record, and whether it can be believed.</summary>
/// <param name="Object">The object.</param>
/// <param name="Record">The record; null where there is none that can be read.</param>
/// <param name="Signature">Whether a known key signed the record and the object is the one that it describes.</param>
/// <param name="Problems">What does not fit, for people; empty where everything does.</param>
internal sealed record LossReport(StoredObject Object, LossRecord? Record, SignatureState Signature, IReadOnlyList<string> Problems)
{
    /// <summary>The lost chunk's id: by the record, or as the metadata says, or null.</summary>
    public string? Chunk => Record?.Chunk ?? (Object.Metadata.TryGetValue(LossMetadata.Loss, out var id) ? id : null);

    /// <summary><c>verified</c>, <c>invalid</c>, <c>missing</c> or <c>unknownKey</c>.</summary>
    public string SignatureText => SignatureStateText.Of(Signature);

    /// <summary>Whether the record takes its chunk's place in the stream's hash chain.</summary>
    public ChainState Chain { get; init; }

    /// <summary>Cloud Logging's severity: a loss is a warning, a forged declaration or a broken chain an error.</summary>
    public string Severity =>
        Signature is SignatureState.Invalid or SignatureState.UnknownKey || Chain == ChainState.Broken ? "ERROR" : "WARNING";

    /// <summary>Whether an object is a loss record: by its name or, where that is not one of a chunk, by its metadata.</summary>
    public static bool IsLoss(StoredObject stored) => LossObjectName.TryParse(stored.Name, out _)
        || (!ObjectName.TryParse(stored.Name, out _)
            && (stored.Metadata.ContainsKey(LossMetadata.Record) || stored.Metadata.ContainsKey(LossMetadata.Loss)));

    /// <summary>Verifies a loss record. Its bytes come with the metadata, so that nothing is downloaded.</summary>
    public static LossReport Make(StoredObject stored, ManifestVerifier verifier, ManifestChain chain)
    {
        var problems = new List<string>();
        var bytes = LossMetadata.RecordBytes(stored.Metadata);
        var signature = stored.Metadata.TryGetValue(ChunkMetadata.Signature, out var text) ? text : null;
        var record = Read(bytes, problems);
        var state = bytes is null
            ? (signature is null ? SignatureState.Missing : SignatureState.Invalid)
            : verifier.Check(bytes, signature);
        if (state == SignatureState.Invalid) problems.Add("the signature was not made over this loss record");
        if (state == SignatureState.UnknownKey) problems.Add("the signature was made by a key that is not known here");
        if (record is not null && stored.Name != record.Object) problems.Add($"the loss record is of the object '{record.Object}'");
        if (record is not null && stored.Size != bytes!.Length)
            problems.Add($"the object has {stored.Size} bytes, its loss record {bytes.Length}");
        else if (record is not null && stored.Crc32c != Crc32C.Of(bytes))
            problems.Add("the object's bytes are not those of its loss record");
        if (state == SignatureState.Verified && problems.Count > 0) state = SignatureState.Invalid;
        var place = state == SignatureState.Verified ? chain.Place(record!, bytes!) : ChainState.Unknown;
        if (place == ChainState.Broken) problems.Add($"the chain is broken at the lost chunk {record!.Sequence}");
        return new(stored, record, state, problems) { Chain = place };
    }

    private static LossRecord? Read(byte[]? bytes, List<string> problems)
    {
        if (bytes is null)
        {
            problems.Add("there is no loss record");
            return null;
        }
        try
        {
            return LossJson.Read(bytes);
        }
        catch (FormatException unreadable)
        {
            problems.Add($"the loss record cannot be read: {unreadable.Message}");
            return null;
        }
    }
}
