using System.Collections.Concurrent;

namespace Crispy.Archive.Exporting;

/// <summary>Lets a few exports in at once, and remembers how far each is, for those who ask by its ticket.</summary>
internal sealed class ExportDesk(ArchiveOptions options, TimeProvider time) : IDisposable
{
    private const int MostRemembered = 200;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _places = new(options.Exports);
    private readonly ConcurrentDictionary<(string Stream, string Ticket), ExportProgress> _known = new();

    /// <summary>Takes a place.</summary>
    /// <returns>Gives it back when disposed.</returns>
    /// <exception cref="ArchiveBusyException">All are taken.</exception>
    public IDisposable Enter() => _places.Wait(0) ? new Place(_places)
        : throw new ArchiveBusyException(
            $"{(options.Exports == 1 ? "Another export is" : $"{options.Exports} other exports are")} being made. Try again when "
                + $"one has ended.");

    /// <summary>Begins to remember an export.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="ticket">What it will be asked for by; null where nobody will.</param>
    public ExportProgress Begin(string stream, string? ticket)
    {
        var progress = new ExportProgress(time.GetUtcNow());
        if (ticket is null) return progress;
        Forget();
        _known[(stream, ticket)] = progress;
        return progress;
    }

    /// <summary>How far an export is; null where none is known.</summary>
    public ExportStatus? Find(string stream, string ticket) => _known.GetValueOrDefault((stream, ticket))?.Status;

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();

    private void Forget()
    {
        var least = time.GetUtcNow() - Kept;
        foreach (var (key, progress) in _known.Where(pair => pair.Value.IsOver && pair.Value.Begun < least)) _known.TryRemove(key, out _);
        foreach (var (key, _) in _known.Where(pair => pair.Value.IsOver).OrderBy(pair => pair.Value.Begun)
            .Take(_known.Count - MostRemembered)) _known.TryRemove(key, out _);
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _isFree;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isFree, 1) == 0) places.Release();
        }
    }
}

/// <summary>How far one export is.</summary>
/// <param name="begun">When it began, UTC.</param>
internal sealed class ExportProgress(DateTimeOffset begun)
{
    private ExportStatus _status = new(ExportStage.Beginning, 0, 0, null);

    public DateTimeOffset Begun => begun;

    public ExportStatus Status => Volatile.Read(ref _status);

    public bool IsOver => Status.Stage is ExportStage.Done or ExportStage.Failed;

    public void At(ExportStage stage, long done, long total) => Volatile.Write(ref _status, new(stage, done, total, null));

    public void Fail(string error) => Volatile.Write(ref _status, Status with { Stage = ExportStage.Failed, Error = error });
}
