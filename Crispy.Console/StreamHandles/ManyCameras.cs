using Crispy.Cameras.Lists;

namespace Crispy.Console.StreamHandles;

/// <summary>One camera of a list, with what would become of it, or has.</summary>
/// <param name="Row">The camera.</param>
/// <param name="Outcome">What would become of it, or has.</param>
/// <param name="Url">Its address without secrets; null where it is none.</param>
/// <param name="Problems">What is wrong, with its place.</param>
public sealed record ListedCamera(CameraRow Row, ImportOutcome Outcome, string? Url, IReadOnlyList<ListProblem> Problems)
{
    /// <summary>Whether it is taken, or is there already.</summary>
    public bool IsGood => Outcome is ImportOutcome.Added or ImportOutcome.Replaced or ImportOutcome.Unchanged;
}

/// <summary>Takes a list of cameras: what is wrong with it by itself, and by all stream-handles, in one go.</summary>
public sealed class ManyCameras(StreamImporter importer)
{
    /// <summary>Says what would become of them.</summary>
    /// <inheritdoc cref="StreamImporter.RunAsync"/>
    public Task<IReadOnlyList<ListedCamera>> LookAsync(CameraList list, bool replaces, CancellationToken stop) =>
        RunAsync(list, true, replaces, stop);

    /// <summary>Makes the good ones.</summary>
    /// <inheritdoc cref="StreamImporter.RunAsync"/>
    public Task<IReadOnlyList<ListedCamera>> AddAsync(CameraList list, bool replaces, CancellationToken stop) =>
        RunAsync(list, false, replaces, stop);

    private async Task<IReadOnlyList<ListedCamera>> RunAsync(CameraList list, bool isDry, bool replaces, CancellationToken stop)
    {
        var good = list.Rows.Where(row => row.Problems.Count == 0).ToList();
        var said = good.Count == 0
            ? new(false, [])
            : await importer.RunAsync([.. good.Select(row => row.Definition)], isDry, replaces, true, stop);
        var items = good.Zip(said.Items).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. list.Rows.Select(row => items.TryGetValue(row, out var item)
            ? new ListedCamera(row, item.Outcome, item.Url,
                [.. item.Errors.SelectMany(field => field.Value.Select(message => row.At(field.Key, message)))])
            : new ListedCamera(row, ImportOutcome.Wrong, null, row.Problems))];
    }
}
