using Crispy.Judge;
using Crispy.Judge.Recording;

const string folders = "a spool, a downloaded bucket with objects.json, or the emulator's data folder";
const string usage = $"""
    usage: Crispy.Judge SOURCE FOLDER [--stream ID] [--truth FILE] [--part]
           Crispy.Judge record SOURCE... [--truth FILE] [--container mkv|mp4|ts] [--window SECONDS] [--ffmpeg FOLDER]
    FOLDER: {folders}. `record` records files by stream-handle alone, with the ffmpeg
    of a folder, and judges them. Exit code 1: something is wrong without a word.
    """;
var words = new Queue<string>(args);
var paths = new List<string>();
string? stream = null, ffmpeg = null;
var (container, window) = ("mkv", 3d);
var options = new JudgeOptions();
while (words.TryDequeue(out var word))
{
    switch (word)
    {
        case "--stream": stream = words.Dequeue(); break;
        case "--truth": options = options with { Truth = words.Dequeue() }; break;
        case "--part": options = options with { IsPart = true }; break;
        case "--ffmpeg": ffmpeg = words.Dequeue(); break;
        case "--container": container = words.Dequeue(); break;
        case "--window": window = double.Parse(words.Dequeue(), System.Globalization.CultureInfo.InvariantCulture); break;
        default: paths.Add(word); break;
    }
}
if (paths is not [_, _, ..] || (paths[0] != "record" && paths.Count > 2))
{
    Console.Error.WriteLine(usage);
    return 2;
}
try
{
    return paths[0] == "record" ? await RecordAsync() : await JudgeAsync(paths[0], paths[1]);
}
catch (Exception unreadable) when (unreadable is FormatException or IOException or InvalidOperationException or TimeoutException)
{
    Console.Error.WriteLine(unreadable.Message);
    return 2;
}

async Task<int> RecordAsync()
{
    var files = paths.Skip(1).Select(Path.GetFullPath).ToList();
    var (recorder, stored) =
        await Recorder.RecordAsync([.. files.Select(file => new Recorded(file, ("Container", container)))], ffmpeg, window);
    await using var _ = recorder;
    var silent = 0;
    foreach (var (file, one) in files.Zip(stored))
    {
        var verdict = await new SourceJudge().JudgeAsync(file, one, options);
        silent += verdict.Silent.Count;
        Console.WriteLine($"{file}{(one.Failed ? $" failed: {one.Error}" : "")}\n{verdict}");
    }
    return silent == 0 ? 0 : 1;
}

async Task<int> JudgeAsync(string source, string folder)
{
    var streams = Stored.In(folder);
    stream ??= streams.Count == 1
        ? streams.Keys.Single()
        : throw new FormatException($"{folder} holds {streams.Count} streams, --stream names one: {string.Join(' ', streams.Keys)}");
    if (!streams.TryGetValue(stream, out var stored))
        throw new FormatException($"{folder} holds nothing of {stream}, but of {string.Join(' ', streams.Keys)}");
    var verdict = await new SourceJudge().JudgeAsync(source, stored, options);
    Console.WriteLine(verdict);
    return verdict.Silent.Count == 0 ? 0 : 1;
}
