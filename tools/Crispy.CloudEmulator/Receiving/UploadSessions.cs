using System.Collections.Concurrent;
using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Receiving;

/// <summary>
/// A resumable upload between its requests: its size in bytes where it was announced, its object's generation once complete.
/// </summary>
internal sealed record UploadSession(string Id, ObjectDraft Draft, Preconditions Preconditions, long? Size, long? Generation);

/// <summary>
/// Resumable uploads. What has arrived lies in a file; its length is the state. It survives a restart, as the session does.
/// </summary>
internal sealed class UploadSessions(Ledger ledger, ObjectStore objects, DataFolder folder, TimeProvider time)
{
    /// <summary>Unless it is the last, what a request brought is kept down to a multiple of this, in bytes.</summary>
    public const int Granularity = 256 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    public async Task<UploadSession> StartAsync(ObjectDraft draft, Preconditions preconditions, long? size)
    {
        var session = new UploadSession(Guid.NewGuid().ToString("N"), draft, preconditions, size, null);
        await ledger.ChangeAsync(statements =>
        {
            if (!ObjectStore.BucketExists(statements, draft.Bucket)) throw StorageException.NoBucket(draft.Bucket);
            statements.Execute("INSERT INTO sessions (id, draft, preconditions, size, created) VALUES ($1, $2, $3, $4, $5)",
                session.Id, JsonSerializer.Serialize(draft, LedgerJson.Default.ObjectDraft),
                JsonSerializer.Serialize(preconditions, LedgerJson.Default.Preconditions), size, time.GetUtcNow().UtcTicks);
        });
        return session;
    }

    /// <summary>
    /// Takes one request's bytes. A newer request for the same session ends an older one, whose connection may long be dead.
    /// </summary>
    /// <returns>The object when it is complete, else the bytes that are kept.</returns>
    public async Task<(StoredObject? Object, long Received)> TakeAsync(HttpRequest request, string id)
    {
        var turn = _turns.GetOrAdd(id, _ => new());
        using var cancellation = await turn.EnterAsync(request.HttpContext.RequestAborted);
        try
        {
            return await TakeInTurnAsync(request, Find(id), cancellation.Token);
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new StorageException(503, "backendError", "ServiceUnavailable", "A newer request took this upload over");
        }
        finally
        {
            turn.Leave();
        }
    }

    public async Task CancelAsync(string id)
    {
        Find(id);
        await ledger.ChangeAsync(statements => statements.Execute("DELETE FROM sessions WHERE id = $1", id));
        File.Delete(folder.SessionFile(id));
        _turns.TryRemove(id, out _);
    }

    /// <summary>Forgets what was begun a week ago and never finished. Before the first request.</summary>
    public async Task ExpireAsync()
    {
        var oldest = (time.GetUtcNow() - Lifetime).UtcTicks;
        foreach (var id in ledger.Read(statements =>
            statements.All("SELECT id FROM sessions WHERE created < $1", row => row.GetString(0), oldest)))
            await CancelAsync(id);
    }

    private async Task<(StoredObject?, long)> TakeInTurnAsync(HttpRequest request, UploadSession session, CancellationToken cancellation)
    {
        if (session.Generation is { } done)
            return (objects.Get(session.Draft.Bucket, session.Draft.Name, done, Preconditions.None), 0);
        var range = ContentRange.Parse(request.Headers.ContentRange);
        if (session.Size is { } announced && range.Total is { } total && announced != total)
            throw StorageException.Invalid($"The upload was announced with {announced} bytes, not {total}");
        using var staged = objects.Continue(session.Id);
        if (range.First is { } first) await AppendAsync(request, staged, first, range, session.Size, cancellation);

        var size = range.Total ?? session.Size ?? (range is { First: not null, Last: null } ? staged.Length : null);
        if (size != staged.Length)
        {
            staged.Truncate(staged.Length - staged.Length % Granularity);
            return (null, staged.Length);
        }
        return (await FinishAsync(request, session, staged), staged.Length);
    }

    private static async Task AppendAsync(
        HttpRequest request, StagedFile staged, long first, ContentRange range, long? announced, CancellationToken cancellation)
    {
        if (first > staged.Length) throw StorageException.Invalid($"The next byte to send is {staged.Length}, not {first}");
        if (first < staged.Length) staged.Truncate(first);
        var end = range.Last + 1 ?? range.Total ?? announced ?? long.MaxValue;
        try
        {
            await staged.WriteAllAsync(request.BodyReader, end, cancellation);
        }
        catch
        {
            // The connection broke: what came is kept, in whole units, for the client to ask about.
            staged.Truncate(staged.Length - staged.Length % Granularity);
            throw;
        }
    }

    private async Task<StoredObject> FinishAsync(HttpRequest request, UploadSession session, StagedFile staged)
    {
        StoredObject finished;
        try
        {
            finished = await objects.FinishAsync(staged, session.Draft.WithHashes(request.Headers), session.Preconditions,
                request.HttpContext.BaseUri());
        }
        catch (StorageException)
        {
            await CancelAsync(session.Id);
            throw;
        }
        await ledger.ChangeAsync(statements =>
            statements.Execute("UPDATE sessions SET generation = $2 WHERE id = $1", session.Id, finished.Generation));
        return finished;
    }

    private UploadSession Find(string id) => ledger.Read(statements => statements.First(
        "SELECT draft, preconditions, size, generation FROM sessions WHERE id = $1",
        row => new UploadSession(id,
            JsonSerializer.Deserialize(row.GetString(0), LedgerJson.Default.ObjectDraft)!,
            JsonSerializer.Deserialize(row.GetString(1), LedgerJson.Default.Preconditions)!,
            row.IsDBNull(2) ? null : row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3)), id))
        ?? throw new StorageException(404, "notFound", "NoSuchUpload", $"No such upload session: {id}");

    /// <summary>One request at a time; the newest cancels who is before it.</summary>
    private sealed class Turn
    {
        private readonly SemaphoreSlim _gate = new(1);
        private CancellationTokenSource? _current;

        public async Task<CancellationTokenSource> EnterAsync(CancellationToken aborted)
        {
            var mine = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            var before = Interlocked.Exchange(ref _current, mine);
            try
            {
                if (before is not null) await before.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself meanwhile.
            }
            await _gate.WaitAsync(aborted);
            return mine;
        }

        public void Leave() => _gate.Release();
    }
}
