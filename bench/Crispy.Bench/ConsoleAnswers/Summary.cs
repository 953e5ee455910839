namespace Crispy.Bench.ConsoleAnswers;

/// <summary>What the answers come to.</summary>
internal static class Summary
{
    /// <summary>Writes the result.</summary>
    /// <param name="chunks">Chunks of the day.</param>
    /// <param name="window">Seconds of each.</param>
    /// <param name="questions">The questions with their times; the first one is that for the whole day.</param>
    /// <param name="rss">Resident memory of each console afterwards, MB.</param>
    public static int Write(long chunks, double window, IReadOnlyList<Question> questions, IReadOnlyList<double> rss) => Results.Write(new()
    {
        Bench = "console",
        About = $"{chunks} chunks of {window} s in the local bucket, and a console that has just been started, asked what its pages ask, "
            + "in this order. \"First\" lists the bucket where it must; \"again\" is the same question once more.",
        Figures =
        [
            Statistics.Figure("console.day.first", "timeline of all of it, nothing known yet", questions[0].First, "ms"),
            Statistics.Figure("console.day.again", "the same again", questions[0].Again, "ms"),
            new("console.rss", "resident memory of the console afterwards", rss.Max(), "MB"),
        ],
        Tables =
        [
            new("A day", ["question", "first, ms (spread)", "again, ms (spread)"],
                [.. questions.Select(question => (string[])[question.What, question.First.WithSpread(), question.Again.WithSpread()])]),
        ],
    }, new { chunks, first = Times(questions, question => question.First), again = Times(questions, question => question.Again), rss });

    private static Dictionary<string, List<double>> Times(IReadOnlyList<Question> questions, Func<Question, List<double>> times) =>
        questions.ToDictionary(question => question.What, times);
}
