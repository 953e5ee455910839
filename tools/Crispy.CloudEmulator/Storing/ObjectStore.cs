using System.Text.Json;
using Crispy.CloudEmulator.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// The objects: bytes in the bucket's folder, the rest in the ledger. A new object is written beside, recorded with the name of
/// its staged file (this instant makes it exist), renamed, and then marked as renamed. A start after a crash finishes the renames
/// that were recorded. A deletion is recorded, then the file goes; a start finishes that too.
/// </summary>
internal sealed class ObjectStore(Ledger ledger, DataFolder folder, IEventSink events, EmulatorOptions options, TimeProvider time)
{
    private const string Columns =
        "bucket, name, generation, metageneration, size, crc32c, md5, created, updated, attributes, path, components";

    /// <summary>Greater than any name can be, and than any name that begins with what it follows.</summary>
    public const string LastName = "\U0010FFFF";

    private readonly BucketTree _tree = new(folder.Buckets);

    // One for many names: held while a file and its record change together, and while a reader opens the file of a record.
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    public StagedFile Stage() => StagedFile.Create(folder.Uploads, options.Md5);

    public StagedFile Continue(string session) => StagedFile.Continue(folder.SessionFile(session), options.Md5);

    public StoredObject Get(string bucket, string name, long? generation, Preconditions preconditions)
    {
        var found = ledger.Read(statements => Find(statements, bucket, name));
        return Checked(bucket, name, found, generation, preconditions, reading: true);
    }

    /// <summary>An object and its open file, which stays readable, even if the name goes away.</summary>
    public async Task<(StoredObject Object, SafeFileHandle File)> OpenAsync(string bucket, string name, long? generation,
        Preconditions preconditions)
    {
        using var held = await LockAsync(bucket, name);
        var found = Get(bucket, name, generation, preconditions);
        return (found, File.OpenHandle(_tree.FileOf(bucket, found.Path), share: FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>Makes a staged file the live generation of its object, and announces it.</summary>
    /// <param name="staged">All bytes have been written.</param>
    /// <param name="draft">What the uploader said about it.</param>
    /// <param name="preconditions">Checked in the instant of creation: of two at once, one wins.</param>
    /// <param name="baseUri">The server as the caller addressed it; for the links in the announcement.</param>
    /// <exception cref="StorageException">400 when checksums differ, 404 without bucket, 412; nothing is stored then.</exception>
    public async Task<StoredObject> FinishAsync(StagedFile staged, ObjectDraft draft, Preconditions preconditions, string baseUri)
    {
        var (crc32c, md5) = staged.Checksums();
        if (draft.Components is not null) md5 = null;
        CheckSum("CRC32C", draft.Crc32c, crc32c);
        if (md5 is not null) CheckSum("MD5 hash", draft.Md5, md5);
        if (options.Fsync) staged.Sync();

        using var held = await LockAsync(draft.Bucket, draft.Name);
        var path = ledger.Read(statements => Find(statements, draft.Bucket, draft.Name))?.Path;
        var reserved = path is null ? path = _tree.Reserve(draft.Bucket, draft.Name) : null;
        try
        {
            var created = await ledger.ChangeAsync(statements =>
            {
                if (!BucketExists(statements, draft.Bucket)) throw StorageException.NoBucket(draft.Bucket);
                var current = Find(statements, draft.Bucket, draft.Name);
                preconditions.Check(current);
                RequireNoHold(current);
                return Insert(statements, draft, staged, crc32c, md5, path, current, baseUri);
            });
            staged.Keep();
            File.Move(staged.File, _tree.FileOf(draft.Bucket, path), overwrite: true);
            _ = ledger.ChangeAsync(statements => statements.Execute(
                "UPDATE objects SET staged = NULL WHERE bucket = $1 AND name = $2 AND generation = $3",
                created.Bucket, created.Name, created.Generation));
            events.Announce();
            return created;
        }
        catch (StorageException) when (reserved is not null)
        {
            _tree.Release(draft.Bucket, reserved);
            _tree.Remove(draft.Bucket, reserved);
            throw;
        }
        finally
        {
            if (reserved is not null) _tree.Release(draft.Bucket, reserved);
        }
    }

    /// <summary>New attributes, the next metageneration.</summary>
    public async Task<StoredObject> PatchAsync(
        string bucket, string name, long? generation, Preconditions preconditions,
        Func<ObjectAttributes, ObjectAttributes> change, string baseUri)
    {
        var patched = await ledger.ChangeAsync(statements =>
        {
            var current = Checked(bucket, name, Find(statements, bucket, name), generation, preconditions);
            var next = current with
            {
                Attributes = current.Attributes.ChangedTo(change(current.Attributes)),
                Metageneration = current.Metageneration + 1,
                Updated = time.GetUtcNow(),
            };
            statements.Execute("UPDATE objects SET attributes = $3, metageneration = $4, updated = $5 WHERE bucket = $1 AND name = $2",
                bucket, name, Json(next.Attributes), next.Metageneration, Ticks(next.Updated));
            events.Add(statements, ObjectEvent.MetadataUpdate, next, baseUri);
            return next;
        });
        events.Announce();
        return patched;
    }

    public async Task DeleteAsync(string bucket, string name, long? generation, Preconditions preconditions, string baseUri)
    {
        using var held = await LockAsync(bucket, name);
        var deleted = await ledger.ChangeAsync(statements =>
        {
            var current = Checked(bucket, name, Find(statements, bucket, name), generation, preconditions);
            RequireNoHold(current);
            statements.Execute("DELETE FROM objects WHERE bucket = $1 AND name = $2", bucket, name);
            statements.Execute("INSERT OR IGNORE INTO doomed (bucket, path) VALUES ($1, $2)", bucket, current.Path);
            events.Add(statements, ObjectEvent.Delete, current, baseUri);
            return current;
        });
        _tree.Remove(bucket, deleted.Path);
        await ledger.ChangeAsync(statements =>
            statements.Execute("DELETE FROM doomed WHERE bucket = $1 AND path = $2", bucket, deleted.Path));
        events.Announce();
    }

    /// <summary>
    /// Hands over the objects of a bucket one by one, in the order of their names' UTF-8 bytes, until the taker answers false.
    /// </summary>
    public void Scan(string bucket, string from, string after, string before, Func<StoredObject, bool> take) => ledger.Read(statements =>
    {
        statements.While(
            $"SELECT {Columns} FROM objects WHERE bucket = $1 AND name >= $2 AND name > $3 AND name < $4 ORDER BY name",
            row => take(Read(row)), bucket, from, after, before);
        return true;
    });

    /// <summary>Finishes what a crash interrupted. Before the first request.</summary>
    public async Task RecoverAsync()
    {
        var staged = ledger.Read(statements => statements.All(
            "SELECT bucket, name, path, staged FROM objects WHERE staged IS NOT NULL",
            row => (Bucket: row.GetString(0), Name: row.GetString(1), Path: row.GetString(2), Staged: row.GetString(3))));
        foreach (var (bucket, name, path, file) in staged)
        {
            var source = Path.Combine(folder.Uploads, file);
            var target = _tree.FileOf(bucket, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (File.Exists(source)) File.Move(source, target, overwrite: true);
            await ledger.ChangeAsync(statements => statements.Execute(
                "UPDATE objects SET staged = NULL WHERE bucket = $1 AND name = $2", bucket, name));
        }
        var doomed = ledger.Read(statements => statements.All(
            "SELECT bucket, path FROM doomed WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.bucket = doomed.bucket AND o.path = "
                + "doomed.path)",
            row => (Bucket: row.GetString(0), Path: row.GetString(1))));
        foreach (var (bucket, path) in doomed) _tree.Remove(bucket, path);
        await ledger.ChangeAsync(statements => statements.Execute("DELETE FROM doomed"));
        foreach (var leftover in Directory.EnumerateFiles(folder.Uploads, "*.part")) File.Delete(leftover);
    }

    public static bool BucketExists(Statements statements, string bucket) =>
        statements.First("SELECT 1 FROM buckets WHERE name = $1", _ => true, bucket);

    public void AddBucketFolder(string bucket) => _tree.AddBucket(bucket);

    public void RemoveBucketFolder(string bucket) => _tree.RemoveBucket(bucket);

    private StoredObject Insert(
        Statements statements, ObjectDraft draft, StagedFile staged, string crc32c, string? md5, string path,
        StoredObject? replaced, string baseUri)
    {
        var now = time.GetUtcNow();
        var created = new StoredObject
        {
            Bucket = draft.Bucket,
            Name = draft.Name,
            Generation = NextGeneration(statements, now),
            Metageneration = 1,
            Size = staged.Length,
            Crc32c = crc32c,
            Md5 = md5,
            Created = now,
            Updated = now,
            Attributes = draft.Attributes,
            Path = path,
            Components = draft.Components,
        };
        statements.Execute(
            $"INSERT OR REPLACE INTO objects ({Columns}, staged) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            created.Bucket, created.Name, created.Generation, created.Metageneration, created.Size, crc32c, md5, Ticks(now), Ticks(now),
            Json(created.Attributes), path, draft.Components, Path.GetFileName(staged.File));
        if (replaced is not null) events.Add(statements, ObjectEvent.Delete, replaced, baseUri, created.Generation);
        events.Add(statements, ObjectEvent.Finalize, created, baseUri, replaced?.Generation);
        return created;
    }

    private static long NextGeneration(Statements statements, DateTimeOffset now)
    {
        var microseconds = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var last = statements.First("SELECT last FROM generations", row => row.GetInt64(0));
        var next = Math.Max(microseconds, last + 1);
        if (statements.Execute("UPDATE generations SET last = $1", next) == 0)
            statements.Execute("INSERT INTO generations (last) VALUES ($1)", next);
        return next;
    }

    private static StoredObject? Find(Statements statements, string bucket, string name) =>
        statements.First($"SELECT {Columns} FROM objects WHERE bucket = $1 AND name = $2", Read, bucket, name);

    private StoredObject Checked(string bucket, string name, StoredObject? found, long? generation,
        Preconditions preconditions, bool reading = false)
    {
        if (found is null || (generation is { } asked && asked != found.Generation))
        {
            if (!ledger.Read(statements => BucketExists(statements, bucket))) throw StorageException.NoBucket(bucket);
            if (found is null && preconditions.GenerationMatch is > 0) throw StorageException.ConditionNotMet();
            throw StorageException.NoObject(bucket, name);
        }
        preconditions.Check(found, reading);
        return found;
    }

    private static void RequireNoHold(StoredObject? current)
    {
        if (current?.Attributes.ActiveHold is { } hold) throw StorageException.Held(current.Bucket, current.Name, hold);
    }

    private static void CheckSum(string kind, string? announced, string arrived)
    {
        if (announced is not null && announced != arrived)
            throw new StorageException(400, "invalid", "BadDigest",
                $"Provided {kind} \"{announced}\" doesn't match calculated {kind} \"{arrived}\".");
    }

    private static StoredObject Read(SqliteDataReader row) => new()
    {
        Bucket = row.GetString(0),
        Name = row.GetString(1),
        Generation = row.GetInt64(2),
        Metageneration = row.GetInt64(3),
        Size = row.GetInt64(4),
        Crc32c = row.GetString(5),
        Md5 = row.IsDBNull(6) ? null : row.GetString(6),
        Created = Time(row.GetInt64(7)),
        Updated = Time(row.GetInt64(8)),
        Attributes = JsonSerializer.Deserialize(row.GetString(9), LedgerJson.Default.ObjectAttributes)!,
        Path = row.GetString(10),
        Components = row.IsDBNull(11) ? null : row.GetInt32(11),
    };

    private static string Json(ObjectAttributes attributes) => JsonSerializer.Serialize(attributes, LedgerJson.Default.ObjectAttributes);

    private static long Ticks(DateTimeOffset instant) => instant.UtcTicks;

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private async ValueTask<Held> LockAsync(string bucket, string name)
    {
        var held = _locks[(uint)HashCode.Combine(bucket, name) % (uint)_locks.Length];
        await held.WaitAsync();
        return new(held);
    }

    private readonly struct Held(SemaphoreSlim held) : IDisposable
    {
        public void Dispose() => held.Release();
    }
}
