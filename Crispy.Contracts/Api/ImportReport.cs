using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>Many streams at once: the body of <c>POST /api/streams/import</c>.</summary>
public sealed record ImportRequest
{
    /// <summary>Streams of one request at most.</summary>
    public const int MaxItems = 1000;

    /// <summary>Bytes of the body at most.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Their definitions: 1 to 1000.</summary>
    public required IReadOnlyList<StreamDefinition> Items { get; init; }

    /// <summary>Only says what would be done; default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Replaces the definition of streams that are there with another one; by default they are wrong.</summary>
    public bool Replace { get; init; }

    /// <summary>Takes the good ones although others are wrong; by default nothing is done then.</summary>
    public bool OnlyGood { get; init; }
}

/// <summary>What became of one of many streams, or would become of it.</summary>
[JsonConverter(typeof(ApiEnumConverter<ImportOutcome>))]
public enum ImportOutcome
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>There was none of its id: it is made.</summary>
    Added,

    /// <summary>There was another one with its id: its definition is replaced.</summary>
    Replaced,

    /// <summary>It was there already, the same in everything: nothing is done.</summary>
    Unchanged,

    /// <summary>It cannot be taken; its errors say why.</summary>
    Wrong,

    /// <summary>It is right and was not done: the disk or a stream-handle failed. Sent once more, it is done.</summary>
    Failed,
}

/// <summary>One of many streams.</summary>
/// <param name="Id">Its id as it was given; null where none was, or none that can be repeated.</param>
/// <param name="Outcome">What became of it, or would become.</param>
/// <param name="Url">Its address without secrets; null where it is none.</param>
/// <param name="Errors">What is wrong, by field; empty without errors. Holds no secret.</param>
public sealed record ImportItem(string? Id, ImportOutcome Outcome, string? Url, IReadOnlyDictionary<string, string[]> Errors)
{
    /// <summary>One that is wrong, or failed, for one reason.</summary>
    public static ImportItem Of(string? id, ImportOutcome outcome, string field, string message, string? url = null) =>
        new(id, outcome, url, new Dictionary<string, string[]> { [field] = [message] });
}

/// <summary>What became of many streams.</summary>
/// <param name="Applied">Whether anything was done: false for a dry run, and where one is wrong and <c>onlyGood</c> was not asked for.
/// <c>Items</c> then say what would be done.</param>
/// <param name="Items">Each of them, in the order of the request.</param>
public sealed record ImportReport(bool Applied, IReadOnlyList<ImportItem> Items)
{
    /// <summary>Those that are made.</summary>
    public int Added => Count(ImportOutcome.Added);

    /// <summary>Those whose definition is replaced.</summary>
    public int Replaced => Count(ImportOutcome.Replaced);

    /// <summary>Those that were there.</summary>
    public int Unchanged => Count(ImportOutcome.Unchanged);

    /// <summary>Those that cannot be taken.</summary>
    public int Wrong => Count(ImportOutcome.Wrong);

    /// <summary>Those that were not done although they are right.</summary>
    public int Failed => Count(ImportOutcome.Failed);

    private int Count(ImportOutcome outcome) => Items.Count(item => item.Outcome == outcome);
}
