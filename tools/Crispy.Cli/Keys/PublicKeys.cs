using Crispy.Cli.Sources;
using Crispy.Contracts;

namespace Crispy.Cli.Keys;

/// <summary>Gathers public keys from files (PEM or a JSON Web Key Set) and addresses (a JSON Web Key Set, such as stream-handle's <c>/.well-known/jwks.json</c>).</summary>
internal static class PublicKeys
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes a verifier of all of them.</summary>
    /// <exception cref="SourceException">One cannot be read, or holds no key.</exception>
    public static async Task<ManifestVerifier> ReadAsync(IEnumerable<string> places, CancellationToken cancellation)
    {
        var pems = new List<string>();
        foreach (var place in places)
        {
            try
            {
                foreach (var key in SigningKey.ReadPublic(await TextAsync(place, cancellation)))
                {
                    pems.Add(key.ExportSubjectPublicKeyInfoPem());
                    key.Dispose();
                }
            }
            catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException or HttpRequestException
                || (unusable is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new SourceException($"keys of {place}: {unusable.Message}", unusable);
            }
        }
        return new(string.Join('\n', pems));
    }

    private static async Task<string> TextAsync(string place, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) return await File.ReadAllTextAsync(place, cancellation);
        using var http = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = JsonWebKeySet.MaxLength };
        return await http.GetStringAsync(address, cancellation);
    }
}
