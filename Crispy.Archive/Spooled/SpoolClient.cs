using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using Crispy.Contracts.Api;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Spooled;

/// <summary>What stream-handle said of a stream's spool.</summary>
/// <param name="Answer">Whether it said anything.</param>
/// <param name="Knows">Whether it knows the stream.</param>
/// <param name="Items">The chunks that are spooled or dead.</param>
internal sealed record SpoolContent(SpoolAnswer Answer, bool Knows, IReadOnlyList<Recorded> Items)
{
    public static readonly SpoolContent Away = new(SpoolAnswer.Away, false, []);
}

/// <summary>Asks stream-handle for what is not in the bucket yet. Where it does not answer, the archive answers without it.</summary>
/// <param name="http">With stream-handle's address; null where nobody said where it is.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when it is away.</param>
internal sealed class SpoolClient(HttpClient? http, TimeProvider time, ILogger<SpoolClient> logger)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // By object: what can be played from stream-handle, as it was when it was last asked.
    private readonly ConcurrentDictionary<string, FrozenDictionary<string, Recorded>> _playable = new(StringComparer.Ordinal);
    private volatile bool _tellsShapes;

    /// <summary>Whether it tells enough of what waits to play it: then nothing that it recorded comes as a surprise later.</summary>
    public bool TellsShapes => _tellsShapes;

    /// <summary>A chunk that waited when its stream was last listed, and can be played; null where there was none.</summary>
    public Recorded? Playable(ObjectName name) =>
        _playable.TryGetValue(name.Stream, out var known) && known.TryGetValue(name.ToString(), out var item) ? item : null;

    /// <summary>Copies the video of a chunk that waits.</summary>
    /// <returns>False where it does not wait any more, or nobody answers.</returns>
    public async Task<bool> CopyAsync(ObjectName name, Stream destination, CancellationToken cancellation)
    {
        if (http is null) return false;
        var path = $"api/streams/{name.Stream}/spool/{ChunkId.Digits(name.Sequence)}";
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead,
                cancellation).ConfigureAwait(false);
            // Of two stream-handles that share a stream, the other one may have another chunk of this number.
            if (!response.IsSuccessStatusCode || !response.Headers.TryGetValues(SpoolPage.ObjectHeader, out var told)
                || !told.Contains(name.ToString(), StringComparer.Ordinal))
                return false;
            await response.Content.CopyToAsync(destination, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (HttpRequestException away)
        {
            Log.SpoolAway(logger, away.Message);
            return false;
        }
    }

    /// <summary>What lies in the spool of a stream.</summary>
    public Task<SpoolContent> ListAsync(string stream, CancellationToken cancellation) => AskAsync(SpoolContent.Away, async token =>
    {
        var items = new List<Recorded>();
        await foreach (var page in PagesAsync<SpoolItem>($"api/streams/{stream}/spool", token).ConfigureAwait(false))
        {
            if (page is null) return new(SpoolAnswer.Known, false, []);
            items.AddRange(page.Select(Read).OfType<Recorded>());
        }
        Remember(stream, items);
        return new SpoolContent(SpoolAnswer.Known, true, items);
    }, cancellation);

    /// <summary>The ids of its streams; null where it does not answer.</summary>
    public Task<List<string>?> StreamsAsync(CancellationToken cancellation) => AskAsync(null, async token =>
    {
        var ids = new List<string>();
        await foreach (var page in PagesAsync<StreamItem>("api/streams", token).ConfigureAwait(false))
            ids.AddRange((page ?? []).Select(item => item.Id).Where(StreamId.IsValid)!);
        return (List<string>?)ids;
    }, cancellation);

    private async Task<T> AskAsync<T>(T otherwise, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        if (http is null) return otherwise;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await ask(either.Token).ConfigureAwait(false);
        }
        catch (Exception away)
            when (away is HttpRequestException or JsonException or IOException or NotSupportedException
                || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Log.SpoolAway(logger, away.Message);
            return otherwise;
        }
    }

    // Yields null where the path is not known there.
    private async IAsyncEnumerable<List<T>?> PagesAsync<T>(string path,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            var next = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
            using var response = await http!.GetAsync(new Uri($"{path}?limit={PageSize}{next}", UriKind.Relative), cancellation)
                .ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                yield return null;
                yield break;
            }
            response.EnsureSuccessStatusCode();
            var page = await response.Content.ReadFromJsonAsync<Page<T>>(Json, cancellation).ConfigureAwait(false)
                ?? throw new JsonException("an empty answer");
            yield return page.Items ?? [];
            after = page.Next;
        }
        while (after is not null);
    }

    private void Remember(string stream, List<Recorded> items)
    {
        var playable = items.Where(item => item.IsAtHand).DistinctBy(item => item.ObjectName(stream))
            .ToFrozenDictionary(item => item.ObjectName(stream), StringComparer.Ordinal);
        if (playable.Count > 0) _tellsShapes = true;
        _playable[stream] = playable;
    }

    private static Recorded? Read(SpoolItem item)
    {
        if (!ChunkId.TryParse(item.Chunk, out var id)) return null;
        var container = ObjectName.TryParse(item.Object, out var name) ? name.Extension : ChunkContainer.Matroska;
        var isTold = item is { State: "spooled", Codec: not null, Width: > 0, Height: > 0, Duration: > 0 and < 100_000 };
        return new()
        {
            State = item.State == "dead" ? ArchiveState.Dead : ArchiveState.Spooled,
            IsAtHand = isTold,
            Duration = isTold ? Instants.RoundToMicrosecond(TimeSpan.FromSeconds((double)item.Duration!.Value)) : null,
            NoLeadingKeyframe = item.Flags?.Contains(ChunkFlag.NoLeadingKeyframe) == true,
            From = item.From, To = item.To > item.From ? item.To : item.From,
            Sequence = id.Sequence, Epoch = id.Epoch, Size = item.Size, Shape = isTold
                ? new(container, item.Codec!, item.Width!.Value, item.Height!.Value, item.Rotation ?? 0, item.Sar)
                : new(container, "", 0, 0),
        };
    }

    private sealed record Page<T>(List<T>? Items, string? Next);

    private sealed record SpoolItem(string? Chunk, DateTimeOffset From, DateTimeOffset To, long Size, string? State, string? Object,
        decimal? Duration = null, string? Codec = null,
        int? Width = null, int? Height = null, int? Rotation = null, string? Sar = null, IReadOnlyList<string>? Flags = null);

    private sealed record StreamItem(string? Id);
}
