using System.Security.Cryptography;

namespace Crispy.Bench.Upload;

/// <summary>One size over one link, both ways.</summary>
/// <param name="MegaBytes">The size.</param>
/// <param name="Break">Mean distance of breaks in MB sent; 0 for none.</param>
/// <param name="Multipart">Seconds of one-request uploads.</param>
/// <param name="Resumable">Seconds of resumable ones.</param>
internal sealed record Transfer(int MegaBytes, double Break, IReadOnlyList<double> Multipart, IReadOnlyList<double> Resumable)
{
    /// <summary>By their means: a break is rare and dear, which a median does not see.</summary>
    public bool ResumableIsBetter => Resumable.Average() < Multipart.Average();
}

/// <summary>When a resumable upload pays: it costs one more request, and saves what was sent before a break.</summary>
internal static class Crossover
{
    /// <summary>Measures every size over every link. Both ways meet the same breaks: after as many bytes sent.</summary>
    public static async Task<IReadOnlyList<Transfer>> MeasureAsync(int[] sizes, double[] breaks, double mbit, TimeSpan answer, int turns)
    {
        await using var bucket = await BreakingBucket.StartAsync(mbit * 1e6 / 8, answer);
        using var client = new UploadClient(bucket.Address);
        await client.ResumableAsync(new byte[1]); // warm
        var transfers = new List<Transfer>();
        foreach (var each in breaks)
        {
            foreach (var size in sizes)
            {
                var bytes = RandomNumberGenerator.GetBytes(size * 1_000_000);
                var (multipart, resumable) = (new List<double>(), new List<double>());
                for (var turn = 0; turn < turns; turn++)
                {
                    bucket.BreakEvery(each * 1e6, seed: turn);
                    multipart.Add(await SecondsAsync(() => client.MultipartAsync(bytes)));
                    bucket.BreakEvery(each * 1e6, seed: turn);
                    resumable.Add(await SecondsAsync(() => client.ResumableAsync(bytes)));
                }
                transfers.Add(new(size, each, multipart, resumable));
                Console.WriteLine($"  {size} MB, a break every {each} MB: "
                    + $"one request {multipart.Average():0.00} s, resumable {resumable.Average():0.00} s");
            }
        }
        return transfers;
    }

    private static async Task<double> SecondsAsync(Func<Task> upload)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await upload();
        return TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
    }
}
