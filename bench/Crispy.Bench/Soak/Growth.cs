namespace Crispy.Bench.Soak;

/// <summary>Finds what grows between the middle third of a time and its last third.</summary>
internal sealed class Growth(double minutes)
{
    /// <summary>A line for each thing that grows.</summary>
    public List<string> Found { get; } = [];

    /// <summary>Compares the means of a value.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="values">The value over time.</param>
    /// <param name="part">Part of the middle third's mean that it may grow by.</param>
    /// <param name="slack">What it may grow by besides.</param>
    public void Compare(string what, IEnumerable<(double Minutes, double Value)> values, double part, double slack)
    {
        var all = values.ToList();
        var middle = Mean(all.Where(each => each.Minutes >= minutes / 3 && each.Minutes < minutes * 2 / 3));
        var last = Mean(all.Where(each => each.Minutes >= minutes * 2 / 3));
        if (last > middle * (1 + part) + slack) Found.Add($"{what} grows: {middle:0.0} in the middle third, {last:0.0} in the last");
    }

    private static double Mean(IEnumerable<(double Minutes, double Value)> values) =>
        values.Select(each => each.Value).DefaultIfEmpty().Average();
}
