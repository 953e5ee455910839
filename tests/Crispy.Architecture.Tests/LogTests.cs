namespace Crispy.Architecture.Tests;

/// <summary>A log message is known by its id, for ever: alarms and people look for it.</summary>
public sealed class LogTests
{
    /// <summary>The first id of each program's thousand.</summary>
    private static readonly Dictionary<string, int> Ranges = new()
    {
        ["Crispy.StreamHandle"] = 1000, ["Crispy.UploadWorker"] = 2000, ["Crispy.ChunkLogger"] = 3000,
    };

    [Fact]
    public void No_id_is_used_twice()
    {
        var twice = Programs.All.SelectMany(program => Ids(program).Select(id => (Id: id, Program: program))).GroupBy(each => each.Id)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(each => each.Program))}");
        Assert.Empty(twice);
    }

    [Fact]
    public void Each_program_keeps_to_a_thousand_of_its_own()
    {
        var ranges =
            Programs.All.ToDictionary(program => program, program => Ids(program).Select(id => id / 1000 * 1000).Distinct().ToList());
        Assert.All(ranges, range => Assert.True(range.Value.Count <= 1, $"{range.Key}: {string.Join(", ", range.Value)}"));
        Assert.All(Ranges, range => Assert.Equal([range.Value], ranges[range.Key]));
    }

    [Fact]
    public void Every_message_has_an_id() => Assert.All(Programs.All, program => Assert.DoesNotContain(0, Ids(program)));

    // By name or as the constructor's first argument.
    private static List<int> Ids(string program)
    {
        using var module = Programs.Read(program);
        return [.. module.GetTypes().SelectMany(type => type.Methods).SelectMany(method => method.CustomAttributes)
            .Where(attribute => attribute.AttributeType.Name == "LoggerMessageAttribute")
            .Select(attribute => attribute.Properties.Where(property => property.Name == "EventId")
                .Select(property => property.Argument.Value)
                .Concat(attribute.ConstructorArguments.Select(argument => argument.Value)).OfType<int>().FirstOrDefault())];
    }
}
