using System.Text;
using System.Text.Json;
using Crispy.Spool;

namespace Crispy.Console.StreamHandles;

/// <summary>Samples in a file, each a line of JSON, so that a restart of the console loses none of the plots. Nothing but plots hangs on
/// it: where it cannot be read or written, that is told once.</summary>
/// <param name="path">The file; null where none is kept.</param>
/// <param name="most">How many samples to keep. The file is rewritten, with the newest of them,
/// before it would hold more than twice as many.</param>
/// <param name="log">Where a failure is told.</param>
public sealed class SampleFile(string? path, int most, ILogger log)
{
    private int _lines;
    private bool _failed;

    /// <summary>The newest samples, oldest first. Lines that cannot be read, as a kill may leave one,
    /// are left out and do not stay.</summary>
    public IReadOnlyList<Sample> Read()
    {
        if (path is null) return [];
        IReadOnlyList<Sample> kept = [];
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path)) kept = Trim(path);
        });
        return kept;
    }

    /// <summary>Adds a sample.</summary>
    public void Add(Sample sample)
    {
        if (path is null) return;
        Try(() =>
        {
            if (_lines >= 2 * most) Trim(path);
            File.AppendAllText(path, Line(sample));
            _lines++;
            _failed = false;
        });
    }

    private static string Line(Sample sample) => JsonSerializer.Serialize(sample, JsonSerializerOptions.Web) + "\n";

    private static Sample? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Sample>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private List<Sample> Trim(string file)
    {
        var kept = File.ReadLines(file).Select(Parse).OfType<Sample>().OrderBy(sample => sample.At).TakeLast(most).ToList();
        DurableFile.Write(file, Encoding.UTF8.GetBytes(string.Concat(kept.Select(Line))));
        _lines = kept.Count;
        return kept;
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (!_failed) Log.PlotsNotKept(log, path!, failed.Message);
            _failed = true;
        }
    }
}
