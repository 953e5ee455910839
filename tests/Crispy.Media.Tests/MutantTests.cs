using System.Globalization;
using Crispy.Media.Bytes;
using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>Chunks that were changed at random are read. <c>CRISPY_MUTANTS</c> says how many (24,000). <c>CRISPY_MUTANT_SEED</c> says which
/// ones: 1, so that a change to the code is judged by the same mutants as the code before.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private static readonly int Count = Number("CRISPY_MUTANTS") ?? 24_000;
    private static readonly int Seed = Number("CRISPY_MUTANT_SEED") ?? 1;

    [Fact]
    public async Task A_mutant_is_read_without_an_exception_in_linear_work_and_says_nothing_impossible()
    {
        output.WriteLine($"mutants {Seed} to {Seed + Count - 1} (CRISPY_MUTANT_SEED, CRISPY_MUTANTS)");
        var sources = await SourcesAsync();
        var wrong = new List<string>();
        Parallel.For(Seed, Seed + Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) }, (seed,
            loop) =>
        {
            var mutant = new Mutant(seed, sources);
            if (WrongWith(mutant.Bytes) is not { } what) return;
            lock (wrong) wrong.Add($"mutant {seed}: {what}\n{mutant.Story}\nagain: CRISPY_MUTANTS=1 CRISPY_MUTANT_SEED={seed}");
            if (wrong.Count >= 20) loop.Stop();
        });
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    private static string? WrongWith(byte[] bytes)
    {
        try
        {
            Work.Limit(2 * Effort.MostSteps(bytes.Length));
            ChunkFacts? facts = null;
            var (steps, memory) = Effort.Of(() => facts = ChunkReader.Read(new MemoryStream(bytes)));
            Effort.AssertLinear(bytes.Length, steps, memory, "facts");
            Work.Limit(2 * Effort.MostSteps(bytes.Length));
            (steps, memory) = Effort.Of(() => HeadReader.Read(bytes));
            Effort.AssertLinear(bytes.Length, steps, memory, "head");
            return facts!.Size != bytes.Length ? $"{facts.Size} of {bytes.Length} bytes" : Contradiction.In(facts);
        }
        catch (Exception any) when (any is not OutOfMemoryException)
        {
            return any.ToString();
        }
        finally
        {
            Work.Limit(0);
        }
    }

    private static async Task<IReadOnlyList<(string Name, byte[] Bytes)>> SourcesAsync()
    {
        using var folder = new TempFolder();
        var sources = new List<(string, byte[])>();
        foreach (var container in (string[])["mkv", "mp4", "fmp4", "ts"])
        {
            foreach (var codec in (string[])["h264", "hevc", "mpeg2video", "mpeg4", "mjpeg", "vp8", "vp9", "av1"])
            {
                if (container == "ts" && codec is "mjpeg" or "vp8" or "vp9" or "av1" || container != "mkv" && codec == "vp8") continue;
                if (!await TestVideo.CanEncodeAsync(codec)) continue;
                var options = new TestVideoOptions { Codec = codec, Size = "64x48", Fps = "12", Seconds = 1, Gop = 5, BFrames = 2,
                    Audio = codec is "h264" or "mpeg4" ? "aac" : "none" };
                var path = await ChunkReaderTests.CreateAsync(folder, container, options);
                sources.Add(($"{container}-{Path.GetFileName(path)}", await File.ReadAllBytesAsync(path,
                    TestContext.Current.CancellationToken)));
            }
        }
        Assert.All(sources, source => Assert.Equal(Damage.None, ChunkReader.Read(new MemoryStream(source.Item2)).Damage));
        return sources;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;
}
