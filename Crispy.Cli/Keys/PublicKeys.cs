using System.Security.Cryptography;
using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Keys;

/// <summary>Gathers public keys from files (PEM or a JSON Web Key Set) and addresses (a JSON Web Key Set, such as stream-handle's
/// <c>/.well-known/jwks.json</c>).</summary>
internal static class PublicKeys
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes a verifier of all that sign chunks.</summary>
    /// <exception cref="SourceException">One cannot be read, or holds no such key.</exception>
    public static async Task<ManifestVerifier> ReadAsync(IEnumerable<string> places, CancellationToken cancellation) =>
        new(await KeysAsync(places, KeyPurpose.Recordings, cancellation));

    /// <summary>Makes verifiers of a report and of the records in it. A key set says which of its keys sign reports alone;
    /// those are not believed for a record.</summary>
    /// <exception cref="SourceException">One cannot be read, or holds no key.</exception>
    public static async Task<(ManifestVerifier Reports, ManifestVerifier Recordings)> ReadForReportsAsync(IReadOnlyList<string> places,
        CancellationToken cancellation)
    {
        var all = await KeysAsync(places, KeyPurpose.Reports, cancellation);
        return (new(all), new(await KeysAsync(places, KeyPurpose.Recordings, cancellation, mayBeNone: true)));
    }

    /// <summary>Makes a verifier of what the console signs: reports, and its audit log.</summary>
    /// <exception cref="SourceException">One cannot be read, or holds no such key.</exception>
    public static async Task<ManifestVerifier> ReadForConsoleAsync(IEnumerable<string> places, CancellationToken cancellation) =>
        new(await KeysAsync(places, KeyPurpose.Reports, cancellation));

    private static async Task<List<ECDsa>> KeysAsync(IEnumerable<string> places, KeyPurpose purpose,
        CancellationToken cancellation, bool mayBeNone = false)
    {
        var keys = new List<ECDsa>();
        foreach (var place in places)
        {
            try
            {
                keys.AddRange(SigningKey.ReadPublic(await TextAsync(place, cancellation), purpose));
            }
            catch (FormatException) when (mayBeNone)
            {
                // It was read once already: it holds keys of reports alone.
            }
            catch (Exception unusable)
                when (unusable is FormatException or IOException or UnauthorizedAccessException or HttpRequestException
                || (unusable is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new SourceException($"keys of {place}: {unusable.Message}", unusable);
            }
        }
        return keys;
    }

    private static async Task<string> TextAsync(string place, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return await File.ReadAllTextAsync(place, cancellation);
        using var http = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = JsonWebKeySet.MaxLength };
        return await http.GetStringAsync(address, cancellation);
    }
}
