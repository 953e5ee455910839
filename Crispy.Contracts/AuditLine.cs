using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts.Api;

namespace Crispy.Contracts;

/// <summary>An entry of the audit log as a line: JSON whose last member is the signature.
/// <code>
/// {"schema":"crispy.audit/1","sequence":7,...,"previous":"SHA-256 of line 6","signature":"eyJhbGciOiJFUzI1NiI..c2lnbg"}
/// </code>
/// The signature is a detached JWS (RFC 7515) of the type <see cref="SignatureType"/> over the line's bytes without that member:
/// <c>{"schema":...,"previous":"..."}</c>. The next line holds the SHA-256 of the whole line, signature and all,
/// without its newline.</summary>
public static class AuditLine
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const string CurrentSchema = "crispy.audit/1";

    /// <summary>The <c>typ</c> of a signature: no manifest, loss record or report can pass for an entry.</summary>
    public const string SignatureType = "crispy-audit+jws";

    /// <summary>Longest line that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false, MaxDepth = 8,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.Strict,
    };

    private static ReadOnlySpan<byte> Member => ",\"signature\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>A signer for entries.</summary>
    /// <param name="privatePem">A P-256 private key in PEM.</param>
    /// <exception cref="FormatException">The text holds no P-256 private key.</exception>
    public static ManifestSigner Signer(string privatePem) => new(privatePem, SignatureType);

    /// <summary>The line of an entry, without a newline.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="signer">From <see cref="Signer"/>.</param>
    public static byte[] Write(AuditEntry entry, ManifestSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        // The usual encoder escapes all that is not ASCII, newlines too: an entry is one line, no matter what a name holds.
        var statement = JsonSerializer.SerializeToUtf8Bytes(entry, Options);
        return [.. statement.AsSpan(0, statement.Length - 1), .. Member, .. Encoding.ASCII.GetBytes(signer.Sign(statement)), .. End];
    }

    /// <summary>Takes a line apart.</summary>
    /// <returns>The statement that was signed, and the JWS; null where the line has none.</returns>
    public static (byte[] Statement, string? Signature) Split(ReadOnlySpan<byte> line)
    {
        var at = line.LastIndexOf(Member);
        if (at < 0 || !line.EndsWith(End)) return (line.ToArray(), null);
        var signature = line[(at + Member.Length)..^End.Length];
        return ([.. line[..at], (byte)'}'], Encoding.Latin1.GetString(signature));
    }

    /// <summary>Reads a line; its signature is not looked at.</summary>
    /// <exception cref="FormatException">It is no entry.</exception>
    public static AuditEntry Read(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxBytes) throw new FormatException($"the line has {line.Length} bytes, more than the {MaxBytes} of any entry");
        try
        {
            var entry = JsonSerializer.Deserialize<AuditEntry>(Split(line).Statement, Options)
                ?? throw new FormatException("the entry is null");
            return entry.Schema == CurrentSchema ? entry
                : throw new FormatException($"the schema '{entry.Schema}' is not known here (only '{CurrentSchema}')");
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"not an entry: {malformed.Message}", malformed);
        }
    }

    /// <summary>What the next line holds of this one.</summary>
    public static string Hash(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));
}
