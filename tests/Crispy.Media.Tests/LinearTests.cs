using Crispy.Media.Bytes;

namespace Crispy.Media.Tests;

/// <summary>Work and memory grow no faster than the bytes, however the bytes are made. Work is counted, not timed.</summary>
public sealed class LinearTests
{
    private const int Size = 256 * 1024;

    public static TheoryData<string> Shapes => [.. HostileBytes.Shapes.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Twice_the_bytes_are_at_most_twice_the_work(string shape)
    {
        var (once, twice) = (HostileBytes.Shapes[shape](Size), HostileBytes.Shapes[shape](2 * Size));
        Assert.InRange((double)twice.Length / once.Length, 1.9, 2.1);
        var (work, _) = Effort.Of(() => Read(once));
        var (more, memory) = Effort.Of(() => Read(twice));
        Assert.True(work > once.Length / 2, "work is counted in debug builds only");
        Assert.True(more <= 2.2 * work, $"{once.Length} bytes take {work} steps, {twice.Length} bytes {more}");
        Effort.AssertLinear(twice.Length, more, memory, shape);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Bytes_that_come_one_by_one_cost_no_more(string shape)
    {
        var bytes = HostileBytes.Shapes[shape](Size / 4);
        var (work, memory) = Effort.Of(() => ChunkReader.Read(new SlowStream(bytes), TestContext.Current.CancellationToken));
        Effort.AssertLinear(bytes.Length, work, memory, shape);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_read_ends_when_it_is_cancelled(string shape)
    {
        using var cancellation = new CancellationTokenSource();
        var stream = new SlowStream(HostileBytes.Shapes[shape](Size / 4), at => { if (at == 1000) cancellation.Cancel(); });
        Assert.Throws<OperationCanceledException>(() => ChunkReader.Read(stream, cancellation.Token));
        Assert.Equal(1001, stream.Position);
    }

    private static ChunkFacts Read(byte[] bytes) => ChunkReader.Read(new MemoryStream(bytes), TestContext.Current.CancellationToken);

    private sealed class SlowStream(byte[] bytes, Action<long>? onByte = null) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            onByte?.Invoke(Position);
            return base.Read(buffer, offset, Math.Min(1, count));
        }
    }
}
