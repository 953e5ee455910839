namespace Crispy.Contracts;

/// <summary>What somebody meant who typed a word wrong.</summary>
public static class NearestWord
{
    /// <summary>The known word that is most like a typed one; null where none is much like it.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="known">What it can have meant.</param>
    public static string? Of(string typed, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(typed);
        ArgumentNullException.ThrowIfNull(known);
        var word = Plain(typed);
        if (word.Length < 2) return null;
        var ranked = known.Select(each => (Word: each, Distance: Distance(word, Plain(each)))).OrderBy(each => each.Distance).ToList();
        if (ranked.Count > 0 && ranked[0].Distance <= Math.Max(1, word.Length / 3)) return ranked[0].Word;
        // The beginning of one word alone.
        return ranked.Where(each => Plain(each.Word).StartsWith(word, StringComparison.Ordinal)).Select(each => each.Word)
            .ToList() is [var begun] ? begun : null;
    }

    /// <summary>The same, as the end of a sentence: <c>; did you mean --window?</c>, or nothing.</summary>
    public static string Hint(string typed, IEnumerable<string> known) => Of(typed, known) is { } meant ? $"; did you mean {meant}?" : "";

    private static string Plain(string text) => text.TrimStart('-').ToLowerInvariant();

    // Letters to add, drop, change or swap with their neighbour (optimal string alignment).
    private static int Distance(string left, string right)
    {
        var cost = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var same = left[i - 1] == right[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + same);
                var isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                if (isSwap) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[left.Length, right.Length];
    }
}
