using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Recording;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.StreamHandle.Tests;

/// <summary>The supervising loop of one stream with a source that a test writes, a clock that it turns, and nobody else.</summary>
internal sealed class StreamBench : IDisposable
{
    private const string EpochName = "20261122T170844123Z";

    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private readonly ManifestVerifier _verifier;
    private readonly SpoolGauge _gauge;
    private readonly StreamEvents _events;
    private readonly CancellationTokenSource _stop = new();

    public StreamBench(string url = "rtsp://user:secret@camera/live")
    {
        Stream = new() { Id = "gate", Url = SourceUrl.Parse(url) };
        _verifier = new(_signer.PublicPem);
        var layout = new SpoolLayout(_folder.Path);
        _gauge = new(layout, TimeProvider.System, () => new(1L << 40, 1L << 39));
        var options = new SpoolOptions { Path = _folder.Path };
        Spool = new(layout, options, _gauge, new(options, layout, _gauge, Clock), _signer, _verifier);
        _events = new(Clock, NullLogger<StreamEvents>.Instance);
        Account = new(Stream, new(Publisher, _events), null, Clock, Log);
    }

    public FakeTimeProvider Clock { get; } = new();

    public StreamOptions Stream { get; }

    public SpoolParts Spool { get; }

    public StreamAccount Account { get; }

    public ListedPublications Publisher { get; } = new();

    public ListedLog Log { get; } = new();

    public StreamStatus Status => Account.Status;

    /// <summary>Begins the stream's life.</summary>
    public Task Run(ISource source, StreamDuty duty = StreamDuty.Record, ILeases? leases = null)
    {
        var room = new StreamRoom(Stream, Spool, () => false);
        var life = new StreamLife(new(Stream, duty, Gap.Restart), source, Account, leases ?? new NoLeases(Clock), room, Clock);
        return Task.Run(() => life.RunAsync(_stop.Token));
    }

    public Task StopAsync() => _stop.CancelAsync();

    /// <summary>Turns the clock on, bit by bit, until something is so.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition, string what) => Until.TrueAsync(() =>
    {
        if (condition()) return true;
        Clock.Advance(TimeSpan.FromMilliseconds(250));
        return false;
    }, what: what, log: () => $"{Status}");

    /// <summary>One chunk that is ready.</summary>
    public static SpooledChunk Chunk(long sequence) => new($"/spool/{sequence}.json", new()
    {
        Chunk = new ChunkId("gate", EpochName, sequence).ToString(), Stream = "gate", Epoch = EpochName, Sequence = sequence,
        Object = $"gate/{sequence}.mkv", From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch.AddSeconds(3),
        Duration = TimeSpan.FromSeconds(3), Frames = 30, Keyframes = 1, Fps = 10, Width = 64, Height = 48, Channels = 3,
        Codec = "h264", Container = "mkv", Size = 3000, Sha256 = "00", Crc32c = "AAAAAA==", Clock = new(ChunkClock.Arrival),
    }, [], "");

    /// <summary>What became of a segment.</summary>
    public static Found.Chunks Became(SpooledChunk chunk, string? gapReason) =>
        new(new([chunk], [], gapReason, new(new(chunk.Manifest.Chunk, "hash"), chunk.Manifest.To)));

    public void Dispose()
    {
        _stop.Dispose();
        _events.Dispose();
        _gauge.Dispose();
        _verifier.Dispose();
        _signer.Dispose();
        _folder.Dispose();
    }

    /// <summary>What workers were told of.</summary>
    internal sealed class ListedPublications : IChunkPublisher
    {
        private readonly List<string> _offered = [];

        public string? Trouble => null;

        public bool IsIdle => true;

        public IReadOnlyList<string> Offered { get { lock (_offered) return [.. _offered]; } }

        public void Offer(SpooledChunk chunk) => Add(chunk.Manifest.Chunk);

        public void Offer(SpooledLoss loss) => Add(loss.Record.Chunk);

        public void PublishAnew(string manifestPath) => Add(manifestPath);

        private void Add(string name)
        {
            lock (_offered) _offered.Add(name);
        }
    }

    /// <summary>What was logged.</summary>
    internal sealed class ListedLog : ILogger
    {
        private readonly List<(int Id, IReadOnlyDictionary<string, object?> Values)> _entries = [];

        public IReadOnlyList<int> Ids { get { lock (_entries) return [.. _entries.Select(entry => entry.Id)]; } }

        /// <summary>The pauses between tries, in seconds.</summary>
        public IReadOnlyList<double> Pauses
        {
            get
            {
                lock (_entries) return [.. _entries.Where(entry => entry.Id == 1012).Select(entry => (double)entry.Values["Seconds"]!)];
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var pairs = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
            var values = pairs.ToDictionary(each => each.Key, each => each.Value, StringComparer.Ordinal);
            lock (_entries) _entries.Add((eventId.Id, values));
        }
    }
}
