using System.Text.Json;

namespace Crispy.Console.Recorders;

/// <summary>Samples in a file, each a line of JSON, so that a restart of the console loses none of the plots. Nothing but plots hangs on it: where it cannot be read or written, that is told once.</summary>
/// <param name="path">The file; null where none is kept.</param>
/// <param name="most">How many samples to keep. The file is written anew, with the newest of them, when it holds twice as many.</param>
/// <param name="log">Where a failure is told.</param>
public sealed class SampleFile(string? path, int most, ILogger log)
{
    private int _lines;
    private bool _failed;

    /// <summary>The newest samples, oldest first. Lines that cannot be read, as a kill may leave one, are left out and do not stay.</summary>
    public IReadOnlyList<Sample> Read()
    {
        if (path is null) return [];
        IReadOnlyList<Sample> kept = [];
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path)) return;
            kept = [.. File.ReadLines(path).Select(Parse).OfType<Sample>().OrderBy(sample => sample.At).TakeLast(most)];
            Rewrite(kept);
        });
        return kept;
    }

    /// <summary>Adds a sample.</summary>
    /// <param name="sample">It.</param>
    /// <param name="all">All that are kept, with it.</param>
    public void Add(Sample sample, Func<IReadOnlyList<Sample>> all)
    {
        if (path is null) return;
        Try(() =>
        {
            if (_lines >= 2 * most) Rewrite(all());
            else
            {
                File.AppendAllText(path, Line(sample));
                _lines++;
            }
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

    private void Rewrite(IReadOnlyList<Sample> samples)
    {
        var written = path + ".new";
        File.WriteAllLines(written, samples.Select(sample => Line(sample).TrimEnd()));
        File.Move(written, path!, overwrite: true);
        _lines = samples.Count;
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
