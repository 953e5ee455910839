namespace Crispy.Console.Pages;

/// <summary>One of the plots that <c>plots.js</c> can draw.</summary>
/// <param name="Key">Its name there.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Note">What that means.</param>
/// <param name="Words">What it shows now, in words.</param>
public sealed record Plot(string Key, string Title, string Note, string Words);

/// <summary>What is drawn.</summary>
/// <param name="From">Where the time axis begins, UTC.</param>
/// <param name="To">Where it ends, UTC.</param>
/// <param name="Times">Unix times in seconds, rising.</param>
/// <param name="Values">By plot's key its lines, each with a value for each time; null where there is none.</param>
public sealed record PlotData(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<double> Times,
    IReadOnlyDictionary<string, double?[][]> Values);
