using Crispy.Testing;

namespace Crispy.Media.Tests;

public sealed class DamageTests(ITestOutputHelper output)
{
    private const int Mutations = 800;

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("fmp4")]
    [InlineData("ts")]
    public async Task A_cut_file_is_read_as_far_as_it_goes_and_marked(string container)
    {
        using var folder = new TempFolder();
        var bytes = await ClipAsync(folder, container);
        var whole = Read(bytes);
        for (var length = 0; length < bytes.Length; length += Math.Max(1, Math.Min(length / 8 + 1, 997)))
        {
            var facts = Read(bytes.AsSpan(0, length));
            Assert.InRange(facts.Frames, 0, whole.Frames);
            Assert.True(facts.Duration <= whole.Duration + TimeSpan.FromMilliseconds(100), $"{length} bytes last {facts.Duration}");

            // A transport stream cut between packets is a shorter one, and the index behind a fragmented MP4 holds no frames.
            if (container == "ts" && length % 188 == 0 && facts.Frames > 0) continue;
            if (facts.Frames == whole.Frames && facts.Damage == Damage.None) Assert.Equal("fmp4", container);
            else if (container != "fmp4" || length < 1000) Assert.NotEqual(Damage.None, facts.Damage);
        }
    }

    [Fact]
    public async Task A_matroska_file_whose_writer_was_killed_between_blocks_is_whole()
    {
        using var folder = new TempFolder();
        var path = await TestVideo.CreateAsync(folder["live.mkv"], new() { BFrames = 2, Audio = "aac", Extra = ["-live", "1"] });
        var facts = await Agreement.AssertAsync(path);
        Assert.Equal(60, facts.Frames);
    }

    [Fact]
    public async Task Missing_and_erroneous_transport_packets_are_a_discontinuity()
    {
        using var folder = new TempFolder();
        var bytes = await ClipAsync(folder, "ts");
        var packet = Enumerable.Range(20, bytes.Length / 188 - 20)
            .First(index => (bytes[index * 188 + 1] & 0x5F) == 1 && bytes[index * 188 + 2] == 0);
        byte[] missing = [.. bytes.AsSpan(0, packet * 188), .. bytes.AsSpan((packet + 1) * 188)];
        Assert.Equal(Damage.Discontinuity, Read(missing).Damage);

        bytes[packet * 188 + 1] |= 0x80;
        Assert.True(Read(bytes).Damage.HasFlag(Damage.Discontinuity));
    }

    [Fact]
    public async Task Bytes_between_transport_packets_are_corruption_that_costs_no_frame()
    {
        using var folder = new TempFolder();
        var bytes = await ClipAsync(folder, "ts");
        var facts = Read([.. bytes.AsSpan(0, 188 * 10), 1, 2, 3, .. bytes.AsSpan(188 * 10)]);
        Assert.Equal(Damage.Corrupt, facts.Damage);
        Assert.Equal(60, facts.Frames);
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("fmp4")]
    [InlineData("ts")]
    public async Task Mutated_bytes_are_read_without_an_exception(string container)
    {
        using var folder = new TempFolder();
        var original = (await ClipAsync(folder, container)).AsSpan(0, 24_000).ToArray();
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var facts = Read(bytes);
            HeadReader.Read(bytes);
            _ = (facts.EndPts, facts.Fps);
            Assert.Equal(bytes.Length, facts.Size);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4_000_000, $"seed {seed}, mutation {i}: too much was allocated");
        }
    }

    [Fact]
    public void Random_bytes_behind_a_container_signature_are_read_without_an_exception()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[][] signatures = [[0x1A, 0x45, 0xDF, 0xA3, 0x80], [0, 0, 0, 8, .. "ftyp"u8, 0, 0, 16, 0, .. "moov"u8], [0x47]];
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = new byte[random.Next(2048)];
            random.NextBytes(bytes);
            bytes = [.. signatures[i % signatures.Length], .. bytes];
            var facts = Read(bytes);
            HeadReader.Read(bytes);
            Assert.Equal(bytes.Length, facts.Size);
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.AsSpan(0, random.Next(3) == 0 ? random.Next(original.Length) : original.Length).ToArray();
        var header = random.Next(2) == 0 ? 2000 : bytes.Length;
        for (var change = random.Next(1, 12); change > 0 && bytes.Length > 0; change--)
        {
            var at = random.Next(Math.Min(header, bytes.Length));
            bytes[at] = random.Next(4) switch { 0 => 0xFF, 1 => 0, 2 => (byte)(bytes[at] ^ 1 << random.Next(8)),
                _ => (byte)random.Next(256) };
        }

        return bytes;
    }

    private static ChunkFacts Read(ReadOnlySpan<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray());
        return ChunkReader.Read(stream);
    }

    private static async Task<byte[]> ClipAsync(TempFolder folder, string container)
    {
        var path = await ChunkReaderTests.CreateAsync(folder, container, new() { BFrames = 2, Audio = "aac" });
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }
}
