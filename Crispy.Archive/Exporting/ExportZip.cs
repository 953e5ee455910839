using System.IO.Compression;
using System.Security.Cryptography;
using Crispy.Exporting;

namespace Crispy.Archive.Exporting;

/// <summary>Writes a ZIP onto a stream that cannot be rewound, stored and not deflated, and notes the hash of each file. Only
/// <see cref="CompleteAsync"/> writes the list at its end, without which no program opens it: what ends early never looks whole.</summary>
internal sealed class ExportZip
{
    private const int BufferSize = 128 * 1024;

    private readonly ZipArchive _zip;
    private readonly DateTimeOffset _made;
    private readonly Action<long> _wrote;
    private readonly List<ExportedFile> _files = [];

    private ExportZip(ZipArchive zip, DateTimeOffset made, Action<long> wrote) => (_zip, _made, _wrote) = (zip, made, wrote);

    /// <summary>The files that are in it so far, but for chunks.</summary>
    public IReadOnlyList<ExportedFile> Files => _files;

    /// <summary>Begins one.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="made">The time that its files have.</param>
    /// <param name="wrote">Told of bytes as they go.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ExportZip> BeginAsync(Stream destination, DateTimeOffset made, Action<long> wrote,
        CancellationToken cancellation) =>
        new(await ZipArchive.CreateAsync(destination, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation)
            .ConfigureAwait(false), made, wrote);

    /// <summary>Adds a chunk, whose hash its manifest tells.</summary>
    public async Task AddChunkAsync(string name, string path, CancellationToken cancellation)
    {
        var source = Open(path);
        await using (source.ConfigureAwait(false)) await AddAsync(name, source, cancellation).ConfigureAwait(false);
    }

    /// <summary>Adds a file.</summary>
    public async Task AddFileAsync(string name, string path, CancellationToken cancellation)
    {
        var source = Open(path);
        await using (source.ConfigureAwait(false)) _files.Add(await AddAsync(name, source, cancellation).ConfigureAwait(false));
    }

    /// <summary>Adds bytes.</summary>
    public async Task AddAsync(string name, byte[] content, CancellationToken cancellation)
    {
        using var source = new MemoryStream(content, writable: false);
        _files.Add(await AddAsync(name, source, cancellation).ConfigureAwait(false));
    }

    /// <summary>Makes it whole.</summary>
    public ValueTask CompleteAsync() => _zip.DisposeAsync();

    private async Task<ExportedFile> AddAsync(string name, Stream source, CancellationToken cancellation)
    {
        var entry = _zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = _made;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        var destination = await entry.OpenAsync(cancellation).ConfigureAwait(false);
        await using (destination.ConfigureAwait(false))
        {
            var buffer = new byte[BufferSize];
            for (var read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false); read > 0;
                read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false))
            {
                hash.AppendData(buffer, 0, read);
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                bytes += read;
                _wrote(read);
            }
        }
        return new(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
}
