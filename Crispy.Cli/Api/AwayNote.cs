using System.Text.Json.Nodes;
using Crispy.Cli.Terminal;

namespace Crispy.Cli.Api;

/// <summary>The stream-handles that did not answer the console, so that what they have is missing in a list.</summary>
internal sealed class AwayNote
{
    private readonly Dictionary<string, AwayReport> _all = new(StringComparer.Ordinal);

    /// <summary>Whether any is away.</summary>
    public bool IsAny => _all.Count > 0;

    /// <summary>Takes in what a page, or another answer, says of it.</summary>
    public void Read(JsonNode answer)
    {
        foreach (var each in answer["away"] is { } away ? away.As<AwayReport[]>() : []) _all[each.Address] = each;
    }

    /// <summary>A remark for each.</summary>
    public void Tell()
    {
        foreach (var each in _all.Values) Screen.Remark($"crispy: {Screen.Printable(Text(each))}", new(Spectre.Console.Color.Red));
    }

    /// <summary>One in a sentence.</summary>
    public static string Text(AwayReport away) => $"stream-handle at {away.Address} is away, what it has is not shown: {away.Error}";

    /// <summary>Adds them to a document, if any is away.</summary>
    public JsonObject AddTo(JsonObject document)
    {
        if (IsAny) document["away"] =
            new JsonArray([.. _all.Values.Select(each => new JsonObject { ["address"] = each.Address, ["error"] = each.Error })]);
        return document;
    }
}
