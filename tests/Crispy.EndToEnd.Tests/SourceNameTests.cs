using Crispy.AppHost;
using Crispy.Testing;
using Microsoft.Extensions.Configuration;

namespace Crispy.EndToEnd.Tests;

/// <summary>What streams are called that the command line names by their files.</summary>
[Trait("Needs", "nothing")]
public sealed class SourceNameTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_in_any_script_give_ids_that_do_not_depend_on_the_order()
    {
        string[] names = ["двор-1.mp4", "окно-1.mp4", "正门.mkv", "後門.mkv", "Café.mp4", "Cafe.mp4", "gate.mp4"];
        foreach (var name in names) File.WriteAllText(_folder[name], "");
        var there = Ids([.. names.Select(name => _folder[name])]);
        var back = Ids([.. names.Reverse().Select(name => _folder[name])]);
        Assert.Equal(there.OrderBy(pair => pair.Key), back.OrderBy(pair => pair.Key));
        Assert.Equal(names.Length, there.Values.Distinct().Count());
        Assert.All(there.Values, id => Assert.True(Contracts.StreamId.IsValid(id), id));
        Assert.Equal(("gate", "cafe"), (there[_folder["gate.mp4"]], there[_folder["Cafe.mp4"]]));
        Assert.StartsWith("caf-", there[_folder["Café.mp4"]], StringComparison.Ordinal);
        Assert.StartsWith("1-", there[_folder["двор-1.mp4"]], StringComparison.Ordinal);
        Assert.StartsWith("stream-", there[_folder["正门.mkv"]], StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Ids(string[] sources)
    {
        var mistakes = new List<string>();
        var options = RunOptions.Parse(sources);
        var streams = StreamSettings.Read(new ConfigurationBuilder().Build(), options!, mistakes);
        Assert.Empty(mistakes);
        return streams.ToDictionary(stream => stream.Settings["Url"], stream => stream.Settings["Id"]);
    }
}
