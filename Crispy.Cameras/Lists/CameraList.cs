using System.Text.Json.Nodes;

namespace Crispy.Cameras.Lists;

/// <summary>A place in a file, both from 1.</summary>
/// <param name="Line">The line.</param>
/// <param name="Column">The column: of a CSV file the number of the field, of YAML the character.</param>
public readonly record struct Place(int Line, int Column)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"line {Line}, column {Column}");
}

/// <summary>Something wrong in a file.</summary>
/// <param name="Place">Where.</param>
/// <param name="Field">The field; null where it is about more than one.</param>
/// <param name="Message">What; never holds what stands there, which may be a password.</param>
public sealed record ListProblem(Place Place, string? Field, string Message)
{
    /// <inheritdoc />
    public override string ToString() => Field is null ? $"{Place}: {Message}" : $"{Place}, {Field}: {Message}";
}

/// <summary>One camera of a file.</summary>
public sealed class CameraRow
{
    /// <summary>Where it begins.</summary>
    public required Place Place { get; init; }

    /// <summary>Its definition as the API takes it, secrets included.</summary>
    public required JsonObject Definition { get; init; }

    /// <summary>Where each field stands.</summary>
    public required IReadOnlyDictionary<string, Place> Places { get; init; }

    /// <summary>What is wrong with it by the file alone; the API may find more.</summary>
    public required IReadOnlyList<ListProblem> Problems { get; init; }

    /// <summary>Its id; null where it has none.</summary>
    public string? Id => (string?)Definition["id"];

    /// <summary>What the API said of a field, at its place.</summary>
    /// <param name="field">The field.</param>
    /// <param name="message">What is wrong.</param>
    public ListProblem At(string field, string message) =>
        new(Places.TryGetValue(field, out var place) ? place : Place, field == "$" ? null : field, message);

    /// <inheritdoc />
    public override string ToString() => $"{Id}, {Place}"; // Never the address.
}

/// <summary>The cameras of a file.</summary>
/// <param name="Rows">Those that could be read.</param>
/// <param name="Problems">What is wrong with the file as a whole; then nothing of it may be used.</param>
public sealed record CameraList(IReadOnlyList<CameraRow> Rows, IReadOnlyList<ListProblem> Problems)
{
    /// <summary>Bytes of a file at most.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Cameras of a file at most.</summary>
    public const int MaxRows = Contracts.Api.ImportRequest.MaxItems;

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Its bytes: UTF-8, or UTF-16 with its mark.</param>
    /// <param name="name">Its name, whose ending says what it is (<c>.csv</c>, <c>.tsv</c>, <c>.yaml</c>, <c>.yml</c>);
    /// null to judge by its text.</param>
    public static CameraList Read(byte[] bytes, string? name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length > MaxBytes) return Unusable(new(1, 1), $"it is larger than {MaxBytes / 1024} KiB");
        if (ListText.Decode(bytes, out var mistake) is not { } text) return Unusable(new(1, 1), mistake!);
        if (string.IsNullOrWhiteSpace(text)) return Unusable(new(1, 1), "it is empty");
        try
        {
            var list = ListText.IsYaml(name, text) ? YamlList.Read(text) : CsvList.Read(text);
            return list.Rows.Count == 0 && list.Problems.Count == 0 ? Unusable(new(1, 1), "it names no cameras") : RowReader.Finish(list);
        }
        catch (ListException unusable)
        {
            return Unusable(unusable.Place, unusable.Message);
        }
    }

    private static CameraList Unusable(Place place, string message) => new([], [new(place, null, message)]);
}

/// <summary>A file that cannot be read on.</summary>
internal sealed class ListException(Place place, string message) : Exception(message)
{
    public Place Place => place;
}
