using System.IO.Compression;
using Crispy.Cli.Checking;
using Crispy.Exporting;

namespace Crispy.Cli.Exports;

/// <summary>An export on disk: a folder, or a ZIP that is unpacked for as long as it is looked at.</summary>
internal sealed class ExportPlace : IDisposable
{
    private readonly string? _unpacked;

    private ExportPlace(string folder, string? unpacked, IReadOnlyList<Finding> findings) =>
        (Folder, _unpacked, Findings) = (folder, unpacked, findings);

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>What is wrong with the ZIP itself.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The file of a name that may come from anywhere; null where it leads out, or is not there.</summary>
    public string? FileOf(string name)
    {
        var file = Path.GetFullPath(Path.Combine(Folder, name));
        return file.StartsWith(Path.GetFullPath(Folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && File.Exists(file) ? file : null;
    }

    /// <summary>Whether a place is, or says to be, an export.</summary>
    public static bool IsOne(string place) =>
        IsZip(place) || File.Exists(Path.Combine(place, ExportStatement.FileName))
        || File.Exists(Path.Combine(place, ExportStatement.ObjectsName));

    /// <summary>Opens it.</summary>
    public static async Task<ExportPlace> OpenAsync(string place, CancellationToken cancellation)
    {
        if (!IsZip(place)) return new(place, null, []);
        var folder = Directory.CreateTempSubdirectory("crispy-verify-").FullName;
        try
        {
            return new(folder, folder, await UnpackAsync(place, folder, cancellation));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_unpacked is not null) Directory.Delete(_unpacked, recursive: true);
    }

    private static bool IsZip(string place)
    {
        if (!File.Exists(place)) return false;
        if (place.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) return true;
        using var file = File.OpenRead(place);
        var head = new byte[4];
        return file.ReadAtLeast(head, 4, throwOnEndOfStream: false) == 4 && head.AsSpan().SequenceEqual("PK\x03\x04"u8);
    }

    private static async Task<List<Finding>> UnpackAsync(string place, string folder, CancellationToken cancellation)
    {
        var (findings, names) = (new List<Finding>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        void Add(string kind, string message) => findings.Add(new(kind, "", $"{place}: {message}") { Place = place });
        try
        {
            await using var zip = await ZipFile.OpenReadAsync(place, cancellation);
            var (size, left) = (new FileInfo(place).Length, new FileInfo(place).Length);
            foreach (var entry in zip.Entries.Where(entry => entry.Name.Length > 0))
            {
                var file = Path.GetFullPath(Path.Combine(folder, entry.FullName));
                if (!file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    Add(FindingKind.Moved, $"'{entry.FullName}' leads out of it");
                else if (!names.Add(entry.FullName)) Add(FindingKind.Altered, $"it holds '{entry.FullName}' twice");
                // Exports are stored as they are: what says to be larger than all of it is none.
                else if (entry.Length > size || (left -= entry.Length) < 0)
                    Add(FindingKind.Altered, $"'{entry.FullName}' says to have {entry.Length} bytes, more than the ZIP");
                else await UnpackAsync(entry, file, Add, cancellation);
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            Add(FindingKind.Unreadable, $"it is not a whole ZIP, as where a download ended early: {broken.Message}");
        }
        return findings;
    }

    private static async Task UnpackAsync(ZipArchiveEntry entry, string file, Action<string, string> add, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await using var source = await entry.OpenAsync(cancellation);
            await using var destination = File.Create(file);
            await source.CopyToAsync(destination, cancellation);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            add(FindingKind.Altered, $"'{entry.FullName}' cannot be unpacked: {broken.Message}");
        }
    }
}
