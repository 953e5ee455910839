namespace Crispy.Bench.Measuring;

/// <summary>curl, against which uploads are measured.</summary>
internal static class Curl
{
    /// <summary>Sends many requests by one process, and waits for all answers.</summary>
    /// <param name="config">The file that tells curl of them; it is written.</param>
    /// <param name="parallel">Requests at once.</param>
    /// <param name="requests">Each as lines of curl's configuration.</param>
    /// <param name="options">More of its command line.</param>
    /// <exception cref="InvalidOperationException">It fails.</exception>
    public static async Task SendAsync(string config, int parallel, IEnumerable<string[]> requests, params string[] options)
    {
        await File.WriteAllLinesAsync(config, requests.SelectMany((request, index) => (string[])
            [index == 0 ? "silent" : "next\nsilent", .. request, "header = \"Expect:\"", "output = \"/dev/null\""]));
        await Command.RunAsync("curl",
            ["--parallel", "--parallel-immediate", "--parallel-max", $"{parallel}", .. options, "--config", config]);
    }
}
