using System.Globalization;
using System.Runtime.InteropServices;

namespace Crispy.Bench.Measuring;

/// <summary>The machine on which a benchmark ran.</summary>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Cpu">The processor's name.</param>
/// <param name="MemoryGb">Its memory, GB.</param>
/// <param name="Os">The operating system.</param>
/// <param name="Kernel">Its kernel.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Ffmpeg">ffmpeg's version.</param>
/// <param name="LoadAverage">Load of the minute before the benchmark began: what others made of the machine; NaN where that is not
/// known.</param>
internal sealed record Machine(
    int Cores, string Cpu, double MemoryGb, string Os, string Kernel, string Runtime, string Ffmpeg, double LoadAverage)
{
    /// <summary>This machine now.</summary>
    public static Machine Describe() => new(
        Environment.ProcessorCount,
        Value("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Math.Round(Number(Value("/proc/meminfo", "MemTotal", ':') ?? "0 kB") * 1024 / 1e9, 1),
        Value("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription,
        Value("/proc/sys/kernel/osrelease", "", '\n')?.Split('-')[0] ?? "",
        RuntimeInformation.FrameworkDescription,
        Shell.Output("ffmpeg", "-version").Split(' ') is [_, _, var version, ..] ? version : "",
        File.Exists("/proc/loadavg") ? Number(File.ReadAllText("/proc/loadavg")) : double.NaN);

    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Cores} cores of {Cpu}, {MemoryGb} GB, {Os}, Linux {Kernel}, {Runtime}, ffmpeg {Ffmpeg}, load {LoadAverage} before");

    private static double Number(string text) => double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string? Value(string file, string key, char separator)
    {
        if (!File.Exists(file)) return null;
        if (key.Length == 0) return File.ReadAllText(file).Trim();
        return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim() : null;
    }
}
