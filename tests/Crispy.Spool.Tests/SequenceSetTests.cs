using System.Text.Json;
using Crispy.Spool;

namespace Crispy.Spool.Tests;

public sealed class SequenceSetTests
{
    [Fact]
    public void It_holds_exactly_the_numbers_that_were_added_and_not_removed()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (set, model) = (SequenceSet.Empty, new HashSet<long>());
        for (var step = 0; step < 300; step++)
        {
            var numbers = Enumerable.Range(0, random.Next(6)).Select(_ => random.NextInt64(80)).ToList();
            if (random.Next(3) > 0)
            {
                set = set.With(numbers);
                model.UnionWith(numbers);
            }
            else
            {
                set = set.Without(numbers);
                model.ExceptWith(numbers);
            }
            Assert.True(model.Order().SequenceEqual(set.Numbers()), $"seed {seed}, step {step}");
            Assert.All(Enumerable.Range(-1, 83), number => Assert.Equal(model.Contains(number), set.Contains(number)));
            Assert.Equal(model.Count(number => number < 40), set.CountBelow(40));
        }
    }

    [Fact]
    public void It_is_written_as_ranges_and_reads_back()
    {
        var set = SequenceSet.Empty.With([0, 1, 2, 7, 9, 8]);
        var json = JsonSerializer.Serialize(set);
        Assert.Equal("[[0,2],[7,9]]", json);
        Assert.Equal(set.Numbers(), JsonSerializer.Deserialize<SequenceSet>(json)!.Numbers());
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SequenceSet>("[1,2]"));
    }
}
