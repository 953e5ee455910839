using System.Globalization;

namespace Crispy.Judge.Tests.Property;

/// <summary>Sources made at random are recorded, and the judge decides. <c>CRISPY_SOURCES</c> says how many (40), <c>CRISPY_FFMPEGS</c> on
/// which releases of ffmpeg. <c>CRISPY_SOURCE_SEED</c> says which ones: 1, so that a change to the code is judged by the same sources as
/// the code before.</summary>
public sealed class RandomSourceTests
{
    private const int Batch = 50;
    private const string Program = "artifacts/bin/Crispy.Judge.Tests/debug/Crispy.Judge.Tests";

    private static readonly int Count = Number("CRISPY_SOURCES") ?? 40;
    private static readonly int Seed = Number("CRISPY_SOURCE_SEED") ?? 1;

    /// <summary>Sources that the recorder or the judge once got wrong.</summary>
    private static readonly int[] OnceWrong = [930000600, 930000755, 920001061, 930001249, 910001652, 920001703];

    public static TheoryData<string> Releases => [.. Recorder.Releases.Select(folder => folder ?? "")];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Nothing_of_a_source_is_wrong_without_a_word(string ffmpeg)
    {
        Print($"sources {Seed} to {Seed + Count - 1} (CRISPY_SOURCE_SEED, CRISPY_SOURCES), "
            + $"ffmpeg {(ffmpeg.Length == 0 ? "in PATH" : ffmpeg)}");
        await JudgeAsync([.. Enumerable.Range(Seed, Count)], ffmpeg);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public Task What_was_once_wrong_is_right(string ffmpeg) => JudgeAsync(OnceWrong, ffmpeg);

    private static async Task JudgeAsync(int[] all, string ffmpeg)
    {
        var wrong = new List<string>();
        var told = 0;
        var judged = 0;
        foreach (var seeds in all.Chunk(Batch))
        {
            using var folder = TempFolder.InMemory();
            var sources = seeds.Select(seed => new RandomSource(seed)).ToList();
            await Parallel.ForEachAsync(sources, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) },
                async (source, _) => await source.MakeAsync(folder[$"{source.Seed}"]));
            var (recorder, stored) = await Recorder.RecordAsync(
                [.. sources.Select(source =>
                    new Recorded(folder[$"{source.Seed}", source.Name], ("Container", source.Container), ("Window", source.Window)))],
                    ffmpeg.Length == 0 ? null : ffmpeg);
            await using var _ = recorder;
            // Few at once: a verdict holds all packets and pictures of its source.
            await Parallel.ForEachAsync(sources.Zip(stored),
                new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) }, async (each, _) =>
            {
                var (source, one) = each;
                var verdict = await new SourceJudge()
                    .JudgeAsync(folder[$"{source.Seed}", source.Name], one,
                        new() { Truth = source.Truth is null ? null : folder[$"{source.Seed}", source.Truth] });
                lock (wrong)
                {
                    told += verdict.Told.Count > 0 ? 1 : 0;
                    if (verdict.Silent.Count == 0) return;
                    wrong.Add(Describe(source, one, verdict));
                    Print(wrong[^1]);
                }
            });
            judged += seeds.Length;
            Print($"{judged} sources: {wrong.Count} wrong without a word, {told} told");
        }
        Assert.True(wrong.Count == 0,
            $"{wrong.Count} of {judged} sources are wrong without a word\n\n{string.Join("\n\n", wrong.Take(10))}\n\n"
                + $"all: {string.Join(' ', wrong.Select(each => each.Split(' ')[1]))}");
    }

    private static string Describe(RandomSource source, Stored stored, Verdict verdict) => $"""
        source {source.Seed} ({source.What}){(stored.Failed ? $" failed: {stored.Error}" : "")}
        {verdict}again: CRISPY_SOURCES=1 CRISPY_SOURCE_SEED={source.Seed} {Program} -class '*RandomSourceTests'
        {source.Commands}
        """;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : null;

    private static void Print(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.Error.WriteLine(line);
    }
}
