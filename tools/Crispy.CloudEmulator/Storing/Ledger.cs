using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// What is known beside the objects' bytes: buckets, objects, upload sessions, notification configurations and what is still to be
/// delivered. A SQLite file in WAL mode: it survives the death of the process at any instant. (It is not synced at each
/// commit: with the machine's power, the last moments may go.) One thread writes, gathering what waits into one transaction.
/// </summary>
internal sealed class Ledger : IDisposable
{
    private const int LargestBatch = 256;

    private readonly string _file;
    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly ConcurrentBag<Statements> _readers = [];
    private readonly Thread _writer;

    /// <param name="file">Created when missing.</param>
    public Ledger(string file)
    {
        _file = file;
        var statements = new Statements(file);
        statements.Execute("PRAGMA journal_mode = WAL");
        statements.Execute("PRAGMA synchronous = NORMAL");
        foreach (var table in Schema) statements.Execute(table);
        foreach (var (table, column, type) in Additions)
            if (!statements.First("SELECT 1 FROM pragma_table_info($1) WHERE name = $2", _ => true, table, column))
                statements.Execute($"ALTER TABLE {table} ADD COLUMN {column} {type}");
        _writer = new Thread(() => WriteAll(statements)) { IsBackground = true, Name = "ledger" };
        _writer.Start();
    }

    /// <summary>
    /// Runs a change in a transaction that it may share with others; completes once that is committed. A change that throws
    /// must not have written before: the exception is its caller's alone.
    /// </summary>
    public async Task<T> ChangeAsync<T>(Func<Statements, T> change)
    {
        var pending = new Change<T>(change);
        await _changes.Writer.WriteAsync(pending);
        return await pending.Completion;
    }

    /// <inheritdoc cref="ChangeAsync{T}"/>
    public Task ChangeAsync(Action<Statements> change) => ChangeAsync(statements =>
    {
        change(statements);
        return true;
    });

    public T Read<T>(Func<Statements, T> read)
    {
        if (!_readers.TryTake(out var statements)) statements = new(_file);
        try
        {
            return read(statements);
        }
        finally
        {
            _readers.Add(statements);
        }
    }

    /// <summary>Commits what waits, then closes.</summary>
    public void Dispose()
    {
        _changes.Writer.TryComplete();
        _writer.Join();
        while (_readers.TryTake(out var reader)) reader.Dispose();
    }

    private void WriteAll(Statements statements)
    {
        using (statements)
        {
            var batch = new List<Change>(LargestBatch);
            while (_changes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (batch.Count < LargestBatch && _changes.Reader.TryRead(out var change)) batch.Add(change);
                Write(statements, batch);
                batch.Clear();
            }
        }
    }

    private static void Write(Statements statements, List<Change> batch)
    {
        try
        {
            statements.Execute("BEGIN IMMEDIATE");
            foreach (var change in batch) change.Run(statements);
            statements.Execute("COMMIT");
        }
        catch (SqliteException error)
        {
            RollBack(statements);
            foreach (var change in batch) change.Fail(error);
            return;
        }
        foreach (var change in batch) change.Complete();
    }

    private static void RollBack(Statements statements)
    {
        try
        {
            statements.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (disk full, I/O error), or there was no transaction to begin with.
        }
    }

    private abstract class Change
    {
        public abstract void Run(Statements statements);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Change<T>(Func<Statements, T> change) : Change
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _refused;
        private T? _result;

        public Task<T> Completion => _completion.Task;

        public override void Run(Statements statements)
        {
            try
            {
                _result = change(statements);
            }
            catch (Exception error) when (error is not SqliteException)
            {
                _refused = error;
            }
        }

        public override void Complete()
        {
            if (_refused is null) _completion.SetResult(_result!);
            else _completion.SetException(_refused);
        }

        public override void Fail(Exception error) => _completion.SetException(error);
    }

    // What a folder of an earlier version lacks. components: objects that this one was composed of. other: the generation that the event's
    // own generation replaced, or was replaced by.
    private static readonly (string Table, string Column, string Type)[] Additions =
    [
        ("buckets", "settings", "TEXT NOT NULL DEFAULT '{}'"),
        ("objects", "components", "INTEGER"),
        ("outbox", "other", "INTEGER"),
    ];

    // staged: the file below uploads/ that still has to be renamed to its path; at start it is, if it is there.
    // doomed: files whose objects are gone; at start they are deleted.
    private static readonly string[] Schema =
    [
        """
        CREATE TABLE IF NOT EXISTS buckets (
            name TEXT PRIMARY KEY, project TEXT NOT NULL, location TEXT NOT NULL, storage_class TEXT NOT NULL,
            created INTEGER NOT NULL, updated INTEGER NOT NULL, metageneration INTEGER NOT NULL) WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS objects (
            bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
            size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL,
            attributes TEXT NOT NULL, path TEXT NOT NULL, staged TEXT, PRIMARY KEY (bucket, name))
        """,
        "CREATE INDEX IF NOT EXISTS objects_staged ON objects (staged) WHERE staged IS NOT NULL",
        "CREATE TABLE IF NOT EXISTS doomed (bucket TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (bucket, path)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS generations (last INTEGER NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS sessions (
            id TEXT PRIMARY KEY, draft TEXT NOT NULL, preconditions TEXT NOT NULL, size INTEGER, created INTEGER NOT NULL,
            generation INTEGER)
        """,
        """
        CREATE TABLE IF NOT EXISTS notifications (
            bucket TEXT NOT NULL, id TEXT NOT NULL, topic TEXT NOT NULL, payload_format TEXT NOT NULL, event_types TEXT NOT NULL,
            name_prefix TEXT NOT NULL, attributes TEXT NOT NULL, PRIMARY KEY (bucket, id))
        """,
        """
        CREATE TABLE IF NOT EXISTS outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, config TEXT NOT NULL, event_type TEXT NOT NULL, bucket TEXT NOT NULL,
            object TEXT NOT NULL, generation INTEGER NOT NULL, time INTEGER NOT NULL, resource BLOB NOT NULL)
        """,
        "CREATE INDEX IF NOT EXISTS outbox_config ON outbox (config, id)",
    ];
}
