using System.Text;
using Crispy.Console.People;
using Crispy.Contracts;

namespace Crispy.Console.Auditing;

/// <summary>The audit log: who did what to what, when, and how it ended. Each entry is signed and holds the hash of the one before it
/// (<see cref="AuditLine"/>), and is on the disk when it counts. What changes something is begun here before it is done, so that neither a
/// kill nor a full disk leaves it without its entry.</summary>
public sealed class AuditLog : IDisposable
{
    private const int MostInMemory = 1000;

    private readonly Lock _oneAtATime = new();
    private readonly AuditSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditLog> _log;
    private readonly RefusalLimit _refusals;
    private readonly AuditFiles? _files;
    private readonly AuditPending? _pending;
    private readonly ManifestSigner _signer;
    private readonly List<AuditEntry> _left = [];
    private readonly LinkedList<AuditEntry> _memory = [];
    private long _next;
    private string? _previous;

    /// <summary>Opens the log, and takes up what the last process left.</summary>
    /// <exception cref="IOException">The folder cannot be used, or another console has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    /// <exception cref="FormatException">Its key cannot be used.</exception>
    public AuditLog(AuditSettings settings, TimeProvider time, ILogger<AuditLog> log)
    {
        (_settings, _time, _log, _refusals) = (settings, time, log, new(time));
        if (settings.Folder is { } folder) (_files, _pending) = (new(folder), new(folder));
        else Log.AuditInMemory(log);
        _signer = AuditKey.Open(settings);
        if (_files is null || _pending is null) return;
        if (_files.CutOff > 0) Log.AuditCut(log, _files.CutOff, settings.Folder!);
        var begun = _pending.Read();
        var known = ReadEnd([.. begun.Select(entry => entry.Id)]);
        foreach (var entry in begun)
        {
            if (known.Contains(entry.Id)) _pending.Forget(entry);
            else _left.Add(entry);
        }
        lock (_oneAtATime) TryCatchUp();
    }

    /// <summary>The public half of the key that signs entries, in PEM.</summary>
    public string PublicPem => _signer.PublicPem;

    /// <summary>Begins something: only then may it be done.</summary>
    /// <returns>What <see cref="End"/> must end, once.</returns>
    /// <exception cref="AuditException">The log takes no entry.</exception>
    public AuditEntry Begin(AuditDraft draft)
    {
        var entry = draft.ToEntry(_time.GetUtcNow());
        lock (_oneAtATime)
        {
            if (_left.Count > 0 && TryCatchUp() is { } refusal) throw new AuditException(refusal);
            try
            {
                _pending?.Begin(entry);
                return entry;
            }
            catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
            {
                Log.AuditRefused(_log, unable.Message);
                throw new AuditException(unable);
            }
        }
    }

    /// <summary>Writes the entry of what was begun. Where the disk takes none, it is written later.</summary>
    /// <param name="begun">From <see cref="Begin"/>.</param>
    /// <param name="status">How it ended, as a status of HTTP.</param>
    public void End(AuditEntry begun, int status)
    {
        var ended = begun with { Status = status };
        lock (_oneAtATime)
        {
            try
            {
                Write(ended);
                _pending?.Forget(ended);
            }
            catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
            {
                Log.AuditRefused(_log, unable.Message);
                _pending?.End(ended);
                _left.Add(ended);
            }
        }
    }

    /// <summary>Writes an entry of what changes nothing: a sign-in, a refusal, an export. Where the disk takes none, the process's own log
    /// has to do.</summary>
    public Task NoteAsync(AuditDraft draft, int status)
    {
        if (draft.Action == AuditAction.Refused)
        {
            if (_refusals.Count(draft.Who.Subject) is not { } left) return Task.CompletedTask;
            if (left > 0) draft = draft with { Detail = $"{draft.Detail}; {left} more before it" };
        }
        lock (_oneAtATime)
        {
            try
            {
                Write(draft.ToEntry(_time.GetUtcNow()) with { Status = status });
            }
            catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
            {
                Log.AuditNotNoted(_log, draft.Action, draft.Who.Name, unable.Message);
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>Entries, newest first.</summary>
    /// <param name="before">Only those with a smaller number; null for all.</param>
    public IEnumerable<AuditEntry> NewestFirst(long? before)
    {
        if (_files is null)
        {
            lock (_oneAtATime) return [.. _memory.Where(entry => !(entry.Sequence >= before)).Reverse()];
        }
        return Paths().Reverse().Where(path => !(AuditFiles.FirstOf(path) >= before))
            .SelectMany(path => Lines(path).AsEnumerable().Reverse()).Select(Read).OfType<AuditEntry>()
            .Where(entry => !(entry.Sequence >= before));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _files?.Dispose();
        _signer.Dispose();
    }

    private IReadOnlyList<string> Paths()
    {
        lock (_oneAtATime) return _files!.Paths();
    }

    private List<ReadOnlyMemory<byte>> Lines(string path)
    {
        lock (_oneAtATime)
        {
            try
            {
                return _files!.Lines(path);
            }
            catch (FileNotFoundException)
            {
                return []; // It was the oldest, and is gone meanwhile.
            }
        }
    }

    private static AuditEntry? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            return AuditLine.Read(line.Span);
        }
        catch (FormatException)
        {
            return null; // Who verifies the files is told which line it is.
        }
    }

    // Where the chain goes on, and which of some ids stand at its end. What had no entry when the last process ended was begun a short
    // while before that. A last line that cannot be read is somebody else's work: its hash counts all the same, and verifying finds it.
    private HashSet<string> ReadEnd(IReadOnlyList<string> ids)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in _files!.Paths().Reverse())
        {
            var lines = _files.Lines(path);
            if (lines is not [.., var last]) continue;
            foreach (var id in ids)
                if (lines.Exists(line => line.Span.IndexOf(Encoding.ASCII.GetBytes(id)) >= 0)) found.Add(id);
            if (_previous is not null) break;
            _previous = AuditLine.Hash(last.Span);
            _next = Math.Max((Read(last)?.Sequence ?? -1) + 1, (AuditFiles.FirstOf(path) ?? 0) + lines.Count);
        }
        return found;
    }

    private Exception? TryCatchUp()
    {
        try
        {
            while (_left is [var first, ..])
            {
                Write(first.Status is null ? first
                    with { Detail = $"{first.Detail} (the console ended before its end was known)".TrimStart() } : first);
                _pending?.Forget(first);
                _left.RemoveAt(0);
            }
            return null;
        }
        catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
        {
            Log.AuditRefused(_log, unable.Message);
            return unable;
        }
    }

    private void Write(AuditEntry entry)
    {
        var whole = entry with { Sequence = _next, Previous = _previous };
        var line = AuditLine.Write(whole, _signer);
        var begins = false;
        if (_files is null)
        {
            _memory.AddLast(whole);
            if (_memory.Count > MostInMemory) _memory.RemoveFirst();
        }
        else
        {
            begins = _files.Paths().Count == 0 || (_files.Length > 0 && _files.Length + line.Length + 1 > _settings.FileBytes);
            if (begins) _files.Begin(_next);
            _files.Add(line);
        }
        (_next, _previous) = (_next + 1, AuditLine.Hash(line));
        Log.Audited(_log, whole.Sequence, whole.Action, whole.Stream ?? "-", whole.Name, whole.Status, _previous);
        if (begins) Prune();
    }

    // The entry comes before the deletion, so that a verifier is told by a signature that the log's beginning is not missing.
    private void Prune()
    {
        try
        {
            while (_files!.Paths() is { } paths && paths.Count > _settings.Files && AuditFiles.FirstOf(paths[1]) is { } kept)
            {
                Write(new AuditDraft(Person.Console, AuditAction.Pruned) { Until = kept - 1, Detail = Path.GetFileName(paths[0]) }
                    .ToEntry(_time.GetUtcNow()) with { Status = StatusCodes.Status200OK });
                _files.DeleteOldest();
            }
        }
        catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
        {
            Log.AuditRefused(_log, unable.Message); // The entry that began the file is there all the same; the next file tries again.
        }
    }
}
