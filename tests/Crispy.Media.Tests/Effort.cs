using Crispy.Media.Bytes;

namespace Crispy.Media.Tests;

/// <summary>What reading costs: steps as <see cref="Work"/> counts them, and bytes of memory.</summary>
internal static class Effort
{
    // A byte is read, taken out of the window, and kept of a frame. It is looked at bit by bit for a parameter set and for a keyframe.
    private const int StepsAByte = 8;
    private const int SomeSteps = 20_000;

    // The tables of an MP4 are kept, in lists that double; a Matroska track of five bytes is an object for a moment.
    private const int MemoryAByte = 24;
    private const int SomeMemory = 2_000_000;

    /// <summary>Steps that reading some bytes may take.</summary>
    public static long MostSteps(long bytes) => StepsAByte * bytes + SomeSteps;

    public static (long Steps, long Memory) Of(Action action)
    {
        var (steps, memory) = (Work.Steps, GC.GetAllocatedBytesForCurrentThread());
        action();
        return (Work.Steps - steps, GC.GetAllocatedBytesForCurrentThread() - memory);
    }

    public static void AssertLinear(long bytes, long steps, long memory, string what)
    {
        Assert.True(steps <= MostSteps(bytes), $"{what}: {bytes} bytes take {steps} steps");
        Assert.True(memory <= MemoryAByte * bytes + SomeMemory, $"{what}: {bytes} bytes take {memory} bytes of memory");
    }
}
