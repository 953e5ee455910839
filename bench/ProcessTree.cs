using System.Globalization;

namespace Crispy.Bench;

/// <summary>What the processes of one name hold and have used.</summary>
/// <param name="Processes">How many there are.</param>
/// <param name="CpuSeconds">User and system time since they began, and that of their children that have ended.</param>
/// <param name="RssMb">Resident memory, MB (10^6), all together.</param>
/// <param name="GreatestRssMb">Of the largest one.</param>
/// <param name="PssMb">Proportional share, MB (10^6): pages that several processes share count in parts.</param>
internal sealed record Use(int Processes, double CpuSeconds, double RssMb, double GreatestRssMb, double PssMb)
{
    /// <summary>None at all.</summary>
    public static readonly Use Nothing = new(0, 0, 0, 0, 0);

    /// <summary>Both together.</summary>
    public static Use operator +(Use one, Use other) => new(one.Processes + other.Processes, one.CpuSeconds + other.CpuSeconds, one.RssMb + other.RssMb,
        Math.Max(one.GreatestRssMb, other.GreatestRssMb), one.PssMb + other.PssMb);
}

/// <summary>This process and all that it started, by what they are: <c>stream-handle</c>, <c>ffmpeg</c>, <c>rabbitmq</c>...</summary>
/// <remarks>
/// Time of children that ended is in the kernel's account of the parent that waited for them. So the processes that stream-handle
/// started count as ffmpeg also when none of them lives any more. What this process ran to its end (curl, ffmpeg) is <see cref="Ended"/>.
/// </remarks>
internal static class ProcessTree
{
    /// <summary>The benchmark's own process, its watchdogs included.</summary>
    public const string Own = "benchmark";

    /// <summary>Programs that the benchmark itself ran to their end.</summary>
    public const string Ended = "run to the end";

    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on.

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["Crispy.StreamHandle.dll"] = "stream-handle", ["Crispy.UploadWorker.dll"] = "upload-worker", ["Crispy.ChunkLogger.dll"] = "chunk-logger", ["Crispy.Console.dll"] = "console",
        ["Crispy.CloudEmulator.dll"] = "emulator", ["redis-server"] = "redis", ["beam.smp"] = "rabbitmq", ["erl_child_setup"] = "rabbitmq", ["inet_gethost"] = "rabbitmq",
        ["epmd"] = "rabbitmq", ["python3"] = "cameras", ["ffmpeg"] = "ffmpeg", ["ffprobe"] = "ffmpeg", ["setpriv"] = "ffmpeg", ["curl"] = Ended,
    };

    private sealed record Entry(int Id, int Parent, double Cpu, double ReapedCpu);

    /// <summary>Reads <c>/proc</c>.</summary>
    /// <param name="memory">Whether the proportional shares are wanted: they cost the kernel a walk over all pages.</param>
    public static IReadOnlyDictionary<string, Use> Read(bool memory = true)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Select(name => Stat(int.Parse(name!, CultureInfo.InvariantCulture)))
            .OfType<Entry>().ToLookup(entry => entry.Parent);
        var uses = new Dictionary<string, Use>(StringComparer.Ordinal);
        if (Stat(Environment.ProcessId) is { } own) Add(uses, children, own, Own, memory);
        return uses;
    }

    private static void Add(Dictionary<string, Use> uses, ILookup<int, Entry> children, Entry entry, string name, bool memory)
    {
        Count(uses, name, Measure(entry, memory));
        var ofEnded = name switch { "stream-handle" => "ffmpeg", Own => Ended, _ => name };
        Count(uses, ofEnded, Use.Nothing with { CpuSeconds = entry.ReapedCpu });
        foreach (var child in children[entry.Id]) Add(uses, children, child, NameOf(child.Id) ?? name, memory);
    }

    private static void Count(Dictionary<string, Use> uses, string name, Use use) => uses[name] = uses.GetValueOrDefault(name, Use.Nothing) + use;

    private static Use Measure(Entry entry, bool memory)
    {
        var rss = Kilobytes($"/proc/{entry.Id}/status", "VmRSS:") * 1024 / 1e6;
        return new(1, entry.Cpu, rss, rss, memory ? Kilobytes($"/proc/{entry.Id}/smaps_rollup", "Pss:") * 1024 / 1e6 : 0);
    }

    // The first argument that names a program known here: "dotnet .../Crispy.StreamHandle.dll", "setpriv --pdeathsig KILL -- ffmpeg". A shell is what its parent is,
    // no matter what it was told to start: a watchdog is no server. Redis writes its address behind its name,
    // in the same argument.
    private static string? NameOf(int process)
    {
        var arguments = Read($"/proc/{process}/cmdline")?.Split('\0') ?? [];
        return Path.GetFileName(arguments.FirstOrDefault()) is "sh" or "setsid" ? null
            : arguments.Take(6).Select(argument => Names.GetValueOrDefault(Path.GetFileName(argument.Split(' ')[0]))).FirstOrDefault(name => name is not null);
    }

    // /proc/PID/stat (man 5 proc): fields are counted from behind the name, which may hold blanks.
    private static Entry? Stat(int process)
    {
        if (Read($"/proc/{process}/stat") is not { Length: > 0 } stat) return null;
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new(process, int.Parse(fields[1], CultureInfo.InvariantCulture), (Ticks(11) + Ticks(12)) / TicksPerSecond, (Ticks(13) + Ticks(14)) / TicksPerSecond);

        double Ticks(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture);
    }

    private static double Kilobytes(string file, string key) =>
        Read(file)?.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) : 0;

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
