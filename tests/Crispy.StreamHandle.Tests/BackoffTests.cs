using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Tests;

[Trait("Needs", "nothing")]
public sealed class BackoffTests
{
    [Fact]
    public void Pauses_grow_from_one_second_to_thirty_and_start_again_after_a_success()
    {
        var backoff = new Backoff(new Random(1));
        var pauses = Enumerable.Range(0, 50).Select(_ => backoff.Next().TotalSeconds).ToList();
        Assert.Equal(1, pauses[0]);
        Assert.All(pauses, pause => Assert.InRange(pause, 1, 30));
        Assert.All(pauses.Skip(6), pause => Assert.InRange(pause, 15, 30));
        Assert.True(pauses.Skip(6).Distinct().Count() > 40, "pauses are spread");
        backoff.Reset();
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }
}
