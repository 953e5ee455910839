using System.Text.Json;
using Crispy.Archive.Api;
using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Accounting;

/// <summary>
/// Writes a ledger together with what proves it. For each loss these are the record's exact bytes and its signature, for the range's first
/// and last chunk those of the manifest. Who has the public keys can check each of them (a JWS with detached payload, RFC 7515,
/// appendix F). Who has the chunks as well can check the chain between them. All of it is signed with the archive's own key,
/// where it has one.
/// </summary>
internal sealed class ReportWriter(Bucket bucket, ManifestVerifier verifier, ChunkJudge judge, TimeProvider time, ReportSigner signer)
{
    /// <returns>The file (<see cref="LedgerReport"/>).</returns>
    public async Task<byte[]> WriteAsync(Ledger ledger, Func<string, RangeContent> contents, CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        await WriteAsync(ledger, contents, line, cancellation).ConfigureAwait(false);
        return LedgerReport.Write(line.ToArray(), signer.Signer);
    }

    private async Task WriteAsync(Ledger ledger, Func<string, RangeContent> contents, MemoryStream destination,
        CancellationToken cancellation)
    {
        var json = new Utf8JsonWriter(destination);
        await using (json.ConfigureAwait(false))
        {
            json.WriteStartObject();
            json.WriteString("schema", LedgerReport.CurrentSchema);
            json.WriteString("made", Instants.Format(time.GetUtcNow()));
            json.WriteBoolean("signed", signer.Signer is not null);
            if (signer.KeyId is { } key) json.WriteString("signedBy", key);
            json.WriteString("bucket", bucket.Name);
            json.WriteString("from", Instants.Format(ledger.From));
            json.WriteString("to", Instants.Format(ledger.To));
            ArchiveJson.WriteProperty(json, "spool", ledger.Spool);
            ArchiveJson.WriteProperty(json, "keys", verifier.KeyIds.Order(StringComparer.Ordinal));
            json.WriteStartArray("streams");
            foreach (var stream in ledger.Streams) await WriteAsync(json, stream, contents(stream.Id), cancellation).ConfigureAwait(false);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private async Task WriteAsync(Utf8JsonWriter json, LedgerStream stream, RangeContent content, CancellationToken cancellation)
    {
        json.WriteStartObject();
        ArchiveJson.WriteProperty(json, "account", stream);
        ArchiveJson.WriteProperty(json, "chain", ChainSummary.Of(content.Items));
        var stored = content.Items.Where(item => item.State == ArchiveState.Stored).ToList();
        json.WritePropertyName("first");
        await StatementAsync(json, stored.Count == 0 ? null : stored[0].ObjectName(stream.Id), cancellation).ConfigureAwait(false);
        json.WritePropertyName("last");
        await StatementAsync(json, stored.Count == 0 ? null : stored[^1].ObjectName(stream.Id), cancellation).ConfigureAwait(false);
        json.WriteStartArray("lossRecords");
        await LossesAsync(json, stream.Id,
            [.. content.Items.Where(item => item.State == ArchiveState.Lost).Select(item => item.ObjectName(stream.Id))],
            cancellation).ConfigureAwait(false);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private async Task LossesAsync(Utf8JsonWriter json, string stream, HashSet<string> names, CancellationToken cancellation)
    {
        if (names.Count == 0) return;
        var (first, last) = (names.Min(StringComparer.Ordinal), names.Max(StringComparer.Ordinal) + "~");
        await foreach (var found in bucket.ListAsync($"{stream}/_loss/", Bucket.AllFields, first, last, cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (!names.Contains(found.Name!)) continue;
            Statement(json, found);
            await json.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task StatementAsync(Utf8JsonWriter json, string? name, CancellationToken cancellation)
    {
        if (name is not null && await bucket.GetAsync(name, cancellation).ConfigureAwait(false) is { } found) Statement(json, found);
        else json.WriteNullValue();
    }

    private void Statement(Utf8JsonWriter json, GcsObject found)
    {
        json.WriteStartObject();
        json.WriteString("object", found.Name);
        json.WriteNumber("generation", found.Generation ?? 0);
        if (judge.Judge(found)?.Signature is { } state) json.WriteString("state", SignatureStateText.Of(state));
        // base64url (RFC 4648) of the exact bytes that were signed, as the metadata has them.
        json.WriteString("payload", found.Told(ChunkMetadata.Manifest) ?? found.Told(LossMetadata.Record));
        json.WriteString("signature", found.Told(ChunkMetadata.Signature));
        json.WriteEndObject();
    }
}

/// <summary>How the chunks of a range hang together: each holds the hash of the one before it.</summary>
/// <param name="Links">Stored chunks and losses.</param>
/// <param name="Linked">How many of them hold the hash of the one before.</param>
/// <param name="Broken">How many directly follow another by epoch and number, and hold another hash.</param>
internal sealed record ChainSummary(long Links, long Linked, long Broken)
{
    public static ChainSummary Of(IReadOnlyList<Recorded> items)
    {
        var links = items.Where(item => item.State is ArchiveState.Stored or ArchiveState.Lost && item.Hash != 0).ToList();
        var hashes = links.Select(item => item.Hash).ToHashSet();
        var places = links.DistinctBy(item => (item.Epoch, item.Sequence))
            .ToDictionary(item => (item.Epoch, item.Sequence), item => item.Hash);
        var broken = links.Count(item => places.TryGetValue((item.Epoch, item.Sequence - 1), out var before) && before != item.Previous);
        return new(links.Count, links.Count(item => item.Previous != 0 && hashes.Contains(item.Previous)), broken);
    }
}
