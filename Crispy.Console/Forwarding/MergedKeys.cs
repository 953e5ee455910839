using System.Security.Cryptography;
using System.Text.Json;
using Crispy.Archive;
using Crispy.Console.Auditing;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Forwarding;

/// <summary>The public keys of all: those that every stream-handle publishes, those that this console believes, and its own. That one signs
/// its reports and its audit log, and is marked as good for nothing else.</summary>
public sealed class MergedKeys(ConsoleSettings settings, AuditLog audit, ArchiveOptions archive, StreamHandleDirectory directory,
    StreamHandleClient client, TimeProvider time, ILogger<MergedKeys> log)
{
    private const string Path = "/.well-known/jwks.json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary><c>GET /.well-known/jwks.json</c>: a JSON Web Key Set (RFC 7517).
    /// A stream-handle that is away leaves out what it alone knows.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var told = await Task.WhenAll(directory.Known.Select(streamHandle => AskAsync(streamHandle, context.RequestAborted)));
        List<ECDsa> keys = [.. told.SelectMany(known => known ?? []), .. SigningKey.ReadPublic(archive.PublicKeys)];
        List<ECDsa> own = [.. SigningKey.ReadPublic($"{settings.Reports.PublicPem}\n{audit.PublicPem}")];
        try
        {
            // A rotation is seen within minutes; what is not whole is not kept.
            context.Response.Headers.CacheControl = told.Length > 0 && told.All(known => known is not null)
                ? "public, max-age=300"
                : "no-store";
            await Results.Bytes(JsonWebKeySet.Write(keys, own), JsonWebKeySet.MediaType).ExecuteAsync(context);
        }
        finally
        {
            foreach (var key in keys.Concat(own)) key.Dispose();
        }
    }

    // Null where it does not answer, or not with keys.
    private async Task<IReadOnlyList<ECDsa>?> AskAsync(Uri streamHandle, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return JsonWebKeySet.Read((await client.GetAsync<JsonElement>(streamHandle, Path, either.Token)).GetRawText());
        }
        catch (Exception away)
            when (away is RefusedException or FormatException or NotSupportedException || StreamHandleClient.IsNoAnswer(away, stop))
        {
            Log.KeysUnreadable(log, streamHandle, away.Message);
            return null;
        }
    }
}
