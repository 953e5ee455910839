using Crispy.Muxing.Nut;
using Crispy.Testing;

namespace Crispy.Muxing.Tests;

/// <summary>What comes from ffmpeg's pipe may be anything: it is read, or refused in words, in memory that what came accounts
/// for.</summary>
public sealed class NutReaderTests(ITestOutputHelper output)
{
    private const int Mutants = 4000;

    [Fact]
    public async Task A_stream_that_was_changed_is_read_or_refused_and_takes_no_more_memory_than_it_has_bytes()
    {
        using var folder = new TempFolder();
        await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1", "-f", "lavfi",
            "-i", "sine=duration=1", "-c:v", "libx264",
            "-c:a", "aac", "-f", "nut", "-strict", "-2", "-syncpoints", "none", "-write_index", "0", folder["clip.nut"]);
        var whole = await File.ReadAllBytesAsync(folder["clip.nut"], TestContext.Current.CancellationToken);
        Assert.InRange(Read(whole), 10, 100);
        output.WriteLine($"mutants 1 to {Mutants}");
        for (var seed = 1; seed <= Mutants; seed++)
        {
            var bytes = Mutate(whole, new(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(bytes);
            }
            catch (Exception refused) when (refused is NutException or EndOfStreamException)
            {
                // In words.
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"mutant {seed}: {unexpected}");
            }
            var memory = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(memory < 8_000_000 + 64L * bytes.Length, $"mutant {seed}: {bytes.Length} bytes take {memory} of memory");
        }
    }

    private static int Read(byte[] bytes)
    {
        var reader = new NutReader(new MemoryStream(bytes));
        if (!reader.ReadHeaders()) return 0;
        var (packet, count) = (new NutPacket(), 0);
        while (reader.TryRead(packet)) count++;
        return count;
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        var bytes = whole.AsSpan(0, random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
        var most = random.Next(2) == 0 ? 600 : bytes.Length;
        for (var edits = random.Next(1, 8); edits > 0 && bytes.Length > 40; edits--)
        {
            var at = random.Next(Math.Min(most, bytes.Length));
            bytes[at] = random.Next(4) switch { 0 => 0xFF, 1 => 0x80, 2 => (byte)(bytes[at] ^ 1 << random.Next(8)), _ =>
                (byte)random.Next(256) };
        }
        return bytes;
    }
}
