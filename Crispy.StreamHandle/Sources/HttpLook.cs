using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Crispy.StreamHandle.Sources;

/// <summary>What an HTTP server says of a source.</summary>
internal sealed record HttpAnswer
{
    /// <summary>Whether the source has an end: a file whose length is told, or a finished playlist.</summary>
    public bool IsFinite { get; init; }

    /// <summary>Bytes of a file; null where they are not told, and for playlists.</summary>
    public long? Length { get; init; }

    /// <summary>Whether a part of a file can be asked for.</summary>
    public bool TakesRanges { get; init; }

    /// <summary>ffmpeg's name of the format where the answer itself tells it: <c>hls</c>, <c>mpjpeg</c>; else null.</summary>
    public string? Format { get; init; }

    /// <summary>ffmpeg's name of a file's container by its first bytes, or <see cref="ContainerHead.Bare"/>;
    /// null where they do not tell it.</summary>
    public string? Container { get; init; }

    /// <summary>The playlist; of a master playlist that of the variant which is recorded, with the master's default sounds.
    /// Null for others.</summary>
    public HlsPlaylist? Playlist { get; init; }

    /// <summary>Names of the audio renditions that a master playlist marks as default.</summary>
    public IReadOnlyList<string> DefaultSounds { get; init; } = [];
}

/// <summary>
/// Asks an HTTP server about a source, because ffprobe cannot tell. A file without a duration has an end where its length is told; an
/// endless one has none. A finished playlist has the tag <c>EXT-X-ENDLIST</c> (RFC 8216, section 4.3.3.4).
/// </summary>
internal static class HttpLook
{
    private const int MaxPlaylistBytes = 4 << 20;

    private const int MostPlaylists = 50;

    private static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(5);
    private static readonly HttpRequestOptionsKey<SourceGate> Gate = new(nameof(SourceGate));

    // Not traced: a trace would hold the address.
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(1), ActivityHeadersPropagator = null, ConnectCallback = ConnectAsync,
    });

    /// <summary>What the server says of a stream's source.</summary>
    /// <exception cref="SourceException">The server does not answer, or refuses; or an address is forbidden.</exception>
    public static async Task<HttpAnswer> AskAsync(StreamOptions stream, SourceGate gate, CancellationToken cancellation)
    {
        try
        {
            await gate.RequireAsync(stream.Url.Secret, $"{stream.Url}", cancellation);
            var (answer, playlist) = await AskAsync(stream, new Uri(stream.Url.Secret), gate, cancellation);
            if (playlist is not { Variants.Count: > 0 } master) return answer;
            // ffmpeg opens them all.
            if (!gate.IsOpen) foreach (var other in master.Playlists.Take(MostPlaylists)) await AskAsync(stream, other, gate, cancellation);
            var (_, media) = await AskAsync(stream, Chosen(master, stream.Variant).Address, gate, cancellation);
            return answer with { Playlist = media, IsFinite = media?.IsFinished == true, DefaultSounds = master.DefaultSounds };
        }
        catch (HttpRequestException refused) when (refused.InnerException is SourceException forbidden)
        {
            throw forbidden.Message.StartsWith($"{stream.Url}", StringComparison.Ordinal)
                ? forbidden
                : new SourceException($"{stream.Url}: {forbidden.Message}");
        }
        catch (HttpRequestException away)
        {
            throw new SourceException($"{stream.Url}: {stream.Url.Redact(away.Message)}");
        }
    }

    // What TrackChoice takes, as far as the playlist tells.
    private static HlsVariant Chosen(HlsPlaylist master, string? asked)
    {
        var best = master.Variants.OrderByDescending(variant => variant.Pixels).ThenByDescending(variant => variant.Bandwidth);
        if (asked is null) return best.First();
        return best.FirstOrDefault(variant => long.TryParse(asked, out var most) ? variant.Bandwidth <= most : variant.Resolution == asked)
            ?? best.First();
    }

    private static async Task<(HttpAnswer Answer, HlsPlaylist? Playlist)> AskAsync(StreamOptions stream, Uri address, SourceGate gate,
        CancellationToken cancellation)
    {
        using var answer = await GetAsync(address, gate, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new SourceException($"{stream.Url}: {(int)answer.StatusCode} {ReasonPhrases.GetReasonPhrase((int)answer.StatusCode)}");
        var headers = answer.Content.Headers;
        var type = headers.ContentType?.MediaType ?? "";
        if (type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)) return (new() { Format = "mpjpeg" }, null);
        var length = headers.ContentRange?.Length
            ?? (answer.StatusCode == HttpStatusCode.PartialContent || headers.ContentEncoding.Count > 0 ? null : headers.ContentLength);
        var file = new HttpAnswer { IsFinite = length is not null, Length = length,
            TakesRanges = answer.StatusCode == HttpStatusCode.PartialContent };
        var named = address.AbsolutePath.EndsWith(".m3u8", StringComparison.OrdinalIgnoreCase)
            || type.Contains("mpegurl", StringComparison.OrdinalIgnoreCase);
        if (!named && gate.IsOpen) return (file with { Container = await ContainerAsync(answer.Content, cancellation) }, null);
        if (named && length > MaxPlaylistBytes)
            throw new SourceException($"{stream.Url}: a playlist of {length} bytes; at most {MaxPlaylistBytes} are read");
        var (kind, text, container) = await ReadAsync(answer.Content, named, cancellation);
        if (text is null) return (file with { Container = container }, null);
        await PlaylistGate.RequireAsync(gate, stream.Url, text, cancellation);
        if (kind == PlaylistText.Kind.Other)
            throw new SourceException(
                $"{stream.Url} describes other connections and is no video: it is not opened where addresses are forbidden "
                    + $"(Crispy:Sources:Forbid)");
        if (!named && kind != PlaylistText.Kind.Hls) return (file, null);
        var playlist = HlsPlaylist.Parse(text, answer.RequestMessage?.RequestUri ?? address);
        return (new() { IsFinite = playlist.IsFinished, Format = "hls", Playlist = playlist }, playlist);
    }

    // A source that breaks, or has nothing to say yet, tells nothing by its first bytes.
    private static async Task<string?> ContainerAsync(HttpContent content, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(HeadLimit);
        try
        {
            await using var body = await content.ReadAsStreamAsync(limit.Token);
            var head = new byte[ContainerHead.Length];
            return ContainerHead.Name(
                head.AsSpan(0, await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, limit.Token)));
        }
        catch (Exception silent)
            when (silent is IOException or HttpRequestException
                || (silent is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    // As ffmpeg asks: a server that knows ranges answers 206, and one that does not 200 with the whole.
    private static async Task<HttpResponseMessage> GetAsync(Uri address, SourceGate gate, CancellationToken cancellation)
    {
        var answer = await SendAsync(address, new RangeHeaderValue(0, null), gate, cancellation);
        if (answer.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable) return answer;
        answer.Dispose();
        return await SendAsync(address, range: null, gate, cancellation);
    }

    private static async Task<HttpResponseMessage> SendAsync(Uri address, RangeHeaderValue? range, SourceGate gate,
        CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = range;
        request.Options.Set(Gate, gate);
        if (address.UserInfo.Length > 0)
            request.Headers.Authorization =
                new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    // Every hop of a redirection comes by here.
    private static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) =>
        (context.InitialRequestMessage.Options.TryGetValue(Gate, out var gate) ? gate : SourceGate.Open)
        .ConnectAsync(context.DnsEndPoint, cancellation);

    // A playlist is read until its head is full, anything else no longer than it takes to say something.
    private static async Task<int> ReadHeadAsync(Stream body, Memory<byte> head, bool named, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (!named) limit.CancelAfter(HeadLimit);
        var length = 0;
        try
        {
            for (int more; length < head.Length && (more = await body.ReadAsync(head[length..], limit.Token)) > 0;) length += more;
        }
        catch (Exception silent)
            when (!named && !cancellation.IsCancellationRequested
                && (silent is IOException or HttpRequestException or OperationCanceledException))
        {
            // What came is what there is to judge by.
        }
        return length;
    }

    // Some servers compress a playlist unasked. What is not named as one is read to its end where its beginning is one's;
    // of a video that is all that is read.
    private static async Task<(PlaylistText.Kind Kind, string? Text, string? Container)> ReadAsync(HttpContent content, bool named,
        CancellationToken cancellation)
    {
        await using var body = await content.ReadAsStreamAsync(cancellation);
        await using Stream plain = content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        var head = new byte[PlaylistText.HeadBytes];
        var length = await ReadHeadAsync(plain, head, named, cancellation);
        var kind = PlaylistText.KindOf(head.AsSpan(0, length));
        if (!named && kind == PlaylistText.Kind.None) return (kind, null, ContainerHead.Name(head.AsSpan(0, length)));
        using var whole = new MemoryStream();
        whole.Write(head, 0, length);
        for (int more; whole.Length < MaxPlaylistBytes && (more = await plain.ReadAsync(head, cancellation)) > 0;)
            whole.Write(head, 0, more);
        using var text =
            new StreamReader(new MemoryStream(whole.GetBuffer(), 0, (int)Math.Min(whole.Length, MaxPlaylistBytes)), Encoding.UTF8);
        return (kind, await text.ReadToEndAsync(cancellation), null);
    }
}
