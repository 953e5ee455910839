using System.Security.Cryptography;
using System.Text;

namespace Crispy.Archive.Playing;

/// <summary>Files made on demand and kept within a bound. Each is made once, however many ask for it; when all of them have given up,
/// so does the making.</summary>
internal sealed class DiskCache(ArchiveOptions options, TimeProvider time)
{
    private const string Ending = ".made";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Making> _makings = new(StringComparer.Ordinal);
    private long? _bytes;

    /// <summary>Opens a file, made first where it is not there.</summary>
    /// <param name="key">What tells it from all others.</param>
    /// <param name="makeAsync">Writes it; false where it cannot be made, which is not remembered.</param>
    /// <param name="cancellation">The caller gives up.</param>
    /// <returns>Null where it cannot be made.</returns>
    public async Task<FileStream?> OpenAsync(string key, Func<Stream, CancellationToken, Task<bool>> makeAsync,
        CancellationToken cancellation)
    {
        var path = Path.Combine(options.CacheFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..40] + Ending);
        if (Open(path) is { } there) return there;
        var making = Join(path, makeAsync);
        try
        {
            if (!await making.Task.WaitAsync(cancellation).ConfigureAwait(false)) return null;
            return Open(path) ?? throw new ArchiveAwayException($"the cache in {options.CacheFolder} is too small for what is asked of it");
        }
        finally
        {
            await LeaveAsync(path, making).ConfigureAwait(false);
        }
    }

    private FileStream? Open(string path)
    {
        try
        {
            var file = new FileStream(path,
                new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous });
            File.SetLastWriteTimeUtc(file.SafeFileHandle, time.GetUtcNow().UtcDateTime);
            return file;
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private Making Join(string path, Func<Stream, CancellationToken, Task<bool>> makeAsync)
    {
        lock (_lock)
        {
            if (!_makings.TryGetValue(path, out var making))
            {
                var end = new CancellationTokenSource();
                _makings[path] = making = new(Task.Run(() => MakeAsync(path, makeAsync, end.Token), CancellationToken.None), end);
            }
            making.Waiting++;
            return making;
        }
    }

    private async Task LeaveAsync(string path, Making making)
    {
        lock (_lock)
        {
            if (--making.Waiting > 0) return;
            // The next caller starts again.
            if (_makings.GetValueOrDefault(path) == making) _makings.Remove(path);
        }
        await making.End.CancelAsync().ConfigureAwait(false);
        await making.Task.ContinueWith(_ => making.End.Dispose(), CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default).ConfigureAwait(false);
    }

    private async Task<bool> MakeAsync(string path, Func<Stream, CancellationToken, Task<bool>> makeAsync, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.CacheFolder);
        var beside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            // What is shown here is as private as the video.
            var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(beside, how);
            long size;
            await using (file.ConfigureAwait(false))
            {
                if (!await makeAsync(file, cancellation).ConfigureAwait(false)) return false;
                size = file.Length;
            }
            File.Move(beside, path, overwrite: true);
            Bound(size, path);
            return true;
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private void Bound(long added, string newest)
    {
        lock (_lock)
        {
            _bytes = _bytes is null ? Files().Sum(file => file.Length) : _bytes + added;
            if (_bytes <= options.CacheMaxBytes) return;
            // What other processes did here is seen now.
            var files = Files().OrderBy(file => file.LastWriteTimeUtc).ToList();
            _bytes = files.Sum(file => file.Length);
            foreach (var file in files.Where(file => file.FullName != newest))
            {
                // A little more than needed, so that not every new file asks for the list.
                if (_bytes <= options.CacheMaxBytes * 9 / 10) return;
                _bytes -= file.Length;
                file.Delete();
            }
        }
    }

    private FileInfo[] Files() => new DirectoryInfo(options.CacheFolder).GetFiles("*" + Ending);

    private sealed class Making(Task<bool> task, CancellationTokenSource end)
    {
        public Task<bool> Task => task;

        public CancellationTokenSource End => end;

        public int Waiting { get; set; }
    }
}
