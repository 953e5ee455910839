using Crispy.Contracts;
using Crispy.StreamHandle.Configuring;

namespace Crispy.StreamHandle.Api;

/// <summary>The public keys that check signatures of chunks, for everyone.</summary>
public static class KeySetEndpoint
{
    /// <summary>Where the set lies (RFC 8615 names the folder).</summary>
    public const string Path = "/.well-known/jwks.json";

    /// <summary>Maps <c>GET /.well-known/jwks.json</c>: a JSON Web Key Set (RFC 7517) of the signing key and of all of
    /// <c>Crispy:Signing:PublicKeys</c>. Needs no token.</summary>
    public static void MapKeySet(this IEndpointRouteBuilder routes, SigningKeys keys)
    {
        var set = keys.ToKeySet();
        routes.MapGet(Path, (HttpContext context) =>
        {
            // Short enough that a rotation is seen within minutes.
            context.Response.Headers.CacheControl = "public, max-age=300";
            return Results.Bytes(set, JsonWebKeySet.MediaType);
        }).WithName("getKeySet").WithSummary("Public keys")
        .WithDescription("The keys that check signatures, as a JSON Web Key Set (RFC 7517). Needs no token.")
            .Produces(StatusCodes.Status200OK, contentType: JsonWebKeySet.MediaType).Refuses(StatusCodes.Status403Forbidden);
    }
}
