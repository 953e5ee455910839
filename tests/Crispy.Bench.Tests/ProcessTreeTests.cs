namespace Crispy.Bench.Tests;

public class ProcessTreeTests
{
    [Fact]
    public async Task Time_of_a_program_that_ran_to_its_end_is_counted()
    {
        var before = Ended();
        await Command.RunAsync("sh", "-c", "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done");

        Assert.True(Ended() - before > 0.05, $"{Ended() - before} s");

        static double Ended() => ProcessTree.Read(memory: false).GetValueOrDefault(ProcessTree.Ended, Use.Nothing).CpuSeconds;
    }

    [Fact]
    public async Task A_server_is_counted_under_its_name_also_behind_its_watchdog()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync();
        var sampler = Sampler.Start(TimeSpan.FromMilliseconds(50));

        var spent = Assert.Single(await sampler.StopAsync(), each => each.Name == "redis");

        Assert.Equal(1, spent.Processes);
        Assert.InRange(spent.PeakPssMb, 0.5, spent.PeakRssMb);
    }
}
