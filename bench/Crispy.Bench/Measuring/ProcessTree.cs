using System.Globalization;

namespace Crispy.Bench.Measuring;

/// <summary>This process and all that it started, by what they are: <c>stream-handle</c>, <c>ffmpeg</c>, <c>rabbitmq</c>...</summary>
/// <remarks>
/// Time of children that ended is in the kernel's account of the parent that waited for them. So the processes that stream-handle started
/// count as ffmpeg also when none of them lives any more. What this process ran to its end (curl, ffmpeg) is <see cref="Ended"/>.
/// </remarks>
internal static class ProcessTree
{
    /// <summary>The benchmark's own process, its watchdogs included.</summary>
    public const string Own = "benchmark";

    /// <summary>Programs that the benchmark itself ran to their end.</summary>
    public const string Ended = "run to the end";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["Crispy.StreamHandle.dll"] = "stream-handle", ["Crispy.UploadWorker.dll"] = "upload-worker",
        ["Crispy.ChunkLogger.dll"] = "chunk-logger", ["Crispy.Console.dll"] = "console", ["Crispy.CloudEmulator.dll"] = "emulator",
        ["redis-server"] = "redis", ["beam.smp"] = "rabbitmq", ["erl_child_setup"] = "rabbitmq", ["inet_gethost"] = "rabbitmq",
        ["epmd"] = "rabbitmq", ["python3"] = "cameras", ["ffmpeg"] = "ffmpeg", ["ffprobe"] = "ffmpeg",
        ["setpriv"] = "ffmpeg", ["curl"] = Ended,
    };

    private sealed record Entry(int Id, ProcessTimes Times);

    /// <summary>Reads <c>/proc</c>.</summary>
    /// <param name="memory">Whether the proportional shares are wanted: they cost the kernel a walk over all pages.</param>
    public static IReadOnlyDictionary<string, Use> Read(bool memory = true)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0]))
            .Select(name => Find(int.Parse(name!, CultureInfo.InvariantCulture))).OfType<Entry>().ToLookup(entry => entry.Times.Parent);
        var uses = new Dictionary<string, Use>(StringComparer.Ordinal);
        if (Find(Environment.ProcessId) is { } own) Add(uses, children, own, Own, memory);
        return uses;
    }

    private static Entry? Find(int process) => Proc.Times(process) is { } times ? new(process, times) : null;

    private static void Add(Dictionary<string, Use> uses, ILookup<int, Entry> children, Entry entry, string name, bool memory)
    {
        Count(uses, name, Measure(entry, memory));
        var ofEnded = name switch { "stream-handle" => "ffmpeg", Own => Ended, _ => name };
        Count(uses, ofEnded, Use.Nothing with { CpuSeconds = entry.Times.ReapedCpuSeconds });
        foreach (var child in children[entry.Id]) Add(uses, children, child, NameOf(child.Id) ?? name, memory);
    }

    private static void Count(Dictionary<string, Use> uses, string name, Use use) =>
        uses[name] = uses.GetValueOrDefault(name, Use.Nothing) + use;

    private static Use Measure(Entry entry, bool memory)
    {
        var rss = Megabytes(entry, "status", "VmRSS:");
        return new(1, entry.Times.CpuSeconds, rss, rss, memory ? Megabytes(entry, "smaps_rollup", "Pss:") : 0);
    }

    private static double Megabytes(Entry entry, string file, string key) => (Proc.Kilobytes(entry.Id, file, key) ?? 0) * 1024 / 1e6;

    // The first argument that names a program known here: "dotnet .../Crispy.StreamHandle.dll", "setpriv --pdeathsig KILL -- ffmpeg". A
    // shell counts as its parent, no matter what it was told to start: a watchdog is no server. Redis writes its address behind its name,
    // in the same argument.
    private static string? NameOf(int process)
    {
        var arguments = Proc.Read(process, "cmdline")?.Split('\0') ?? [];
        return Path.GetFileName(arguments.FirstOrDefault()) is "sh" or "setsid" ? null
            : arguments.Take(6).Select(argument => Names.GetValueOrDefault(Path.GetFileName(argument.Split(' ')[0])))
                .FirstOrDefault(name => name is not null);
    }
}
