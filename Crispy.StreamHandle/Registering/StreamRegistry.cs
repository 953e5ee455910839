using System.Collections.Immutable;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Registering;

/// <summary>Which streams there are: those of the configuration, and those that the API made. Where both have one id, the configuration
/// counts. Safe for concurrent use.</summary>
public sealed class StreamRegistry : IStreamList
{
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<StreamOptions> _configured;
    private readonly RecordFolder _folder;
    private readonly TimeProvider _clock;
    private readonly ILogger<StreamRegistry> _log;
    private ImmutableDictionary<string, StreamRecord> _records = ImmutableDictionary.Create<string, StreamRecord>(StringComparer.Ordinal);
    private volatile Snapshot _now = new([]);

    /// <summary>Reads what a spool keeps.</summary>
    public StreamRegistry(IReadOnlyList<StreamOptions> configured, SpoolLayout spool, TimeProvider clock, ILogger<StreamRegistry> log)
    {
        (_configured, _folder, _clock, _log) = (configured, new(spool, log), clock, log);
        _records = _records.SetItems(_folder.Read().Select(record => KeyValuePair.Create(record.Id, record)));
        foreach (var hidden in _configured.Where(options =>
            _records.GetValueOrDefault(options.Id) is { Definition: not null, Removed: false }))
            Log.DefinitionHidden(_log, hidden.Id);
        Refresh();
    }

    /// <summary>All streams: the configured ones in their order, then the others by id.</summary>
    public IReadOnlyList<StreamEntry> Entries => _now.Entries;

    /// <summary>Ids of those that must be recorded.</summary>
    public IReadOnlyList<string> Recorded => _now.Recorded;

    /// <summary>All records, of removed streams too.</summary>
    internal IEnumerable<StreamRecord> Records => Volatile.Read(ref _records).Values;

    /// <summary>One stream; null where there is none of that id.</summary>
    public StreamEntry? Find(string id) => _now.ById.GetValueOrDefault(id);

    /// <summary>What the API decided last about a stream, removed or not; null where it decided nothing.</summary>
    internal StreamRecord? Record(string id) => Volatile.Read(ref _records).GetValueOrDefault(id);

    /// <summary>Decides something about a stream, durably.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="decide">Gets what there is, and gives the new record; version and time are set by the registry.
    /// What it throws leaves all as it is.</param>
    /// <exception cref="IOException">The disk does not take it: nothing has changed.</exception>
    internal StreamRecord Decide(string id, Func<StreamEntry?, StreamRecord?, StreamRecord> decide)
    {
        lock (_lock)
        {
            var before = Record(id);
            var record = decide(Find(id), before) with { Version = (before?.Version ?? 0) + 1, Changed = _clock.GetUtcNow() };
            Put(record);
            return record;
        }
    }

    /// <summary>Takes over what another replica decided, where it is newer.</summary>
    /// <returns>Whether it was.</returns>
    /// <exception cref="IOException">The disk does not take it.</exception>
    internal bool TryAccept(StreamRecord record)
    {
        lock (_lock)
        {
            if (!record.IsNewerThan(Record(record.Id))) return false;
            Put(record);
            return true;
        }
    }

    /// <summary>What a removed stream was, as far as that is known: enough to bring its spool in order.</summary>
    public StreamOptions Leftover(string id) =>
        Record(id) is { Definition: { } definition } && DefinitionReader.TryRead(definition, out _) is { } options
        ? options
        : new() { Id = id, Url = SourceUrl.None };

    private void Put(StreamRecord record)
    {
        _folder.Write(record);
        Volatile.Write(ref _records, _records.SetItem(record.Id, record));
        Refresh();
    }

    private void Refresh()
    {
        var configured = _configured.Select(options => Entry(options, _records.GetValueOrDefault(options.Id)));
        var hidden = _configured.Select(options => options.Id).ToHashSet(StringComparer.Ordinal);
        var made = _records.Values.Where(record => record is { Definition: not null, Removed: false } && !hidden.Contains(record.Id))
            .OrderBy(record => record.Id, StringComparer.Ordinal).Select(Entry).OfType<StreamEntry>();
        _now = new([.. configured, .. made]);
    }

    private static StreamEntry Entry(StreamOptions configured, StreamRecord? record) =>
        new(configured, true, record?.Enabled ?? true, record?.Version ?? 0, record?.Restarts ?? 0);

    private StreamEntry? Entry(StreamRecord record)
    {
        if (DefinitionReader.TryRead(record.Definition!, out var mistakes) is { } options)
            return new(options, false, record.Enabled, record.Version, record.Restarts);
        Log.DefinitionUnusable(_log, record.Id, record.Version, string.Join("; ", mistakes));
        return null;
    }

    private sealed class Snapshot(ImmutableArray<StreamEntry> entries)
    {
        public IReadOnlyList<StreamEntry> Entries { get; } = entries;

        public IReadOnlyList<string> Recorded { get; } = [.. entries.Where(entry => entry.IsEnabled).Select(entry => entry.Options.Id)];

        public Dictionary<string, StreamEntry> ById { get; } = entries.ToDictionary(entry => entry.Options.Id, StringComparer.Ordinal);
    }
}
