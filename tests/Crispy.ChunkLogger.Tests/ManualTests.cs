using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.ChunkLogger.Tests;

/// <summary>The commands of docs/chunk-logger.md, taken from it and run.</summary>
public sealed partial class ManualTests
{
    [Fact]
    public async Task The_commands_of_its_page_start_chunk_logger_and_both_events_are_logged()
    {
        var commands = Commands().Match(Repository.Read("docs", "chunk-logger.md"));
        Assert.True(commands.Success, "docs/chunk-logger.md has no commands");
        using var folder = new TempFolder();
        Dictionary<string, string> environment = new()
        {
            ["PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            ["BUCKET_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            ["TMPDIR"] = folder.Path,
            // dotnet run takes the build that this test is of.
            ["Configuration"] = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')),
        };
        await using var shell = await WatchedProcess.StartAsync(folder["out.log"], environment, "bash", "-c",
            $"cd '{Repository.Root}'\n{commands.Groups[1].Value}");
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        var output = await File.ReadAllLinesAsync(shell.LogPath, TestContext.Current.CancellationToken);
        Assert.True(output.Contains("Eventarc: 200") && output.Contains("Pub/Sub: 200"), string.Join('\n', output));
        var entries = output.Where(line => line.StartsWith("{\"severity\"", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["20261122T170844123Z-00000000.mkv", "20261122T170844123Z-00000001.mkv"],
            entries.Select(entry => entry.GetProperty("labels").GetProperty("object").GetString()!.Split('/')[^1]));
        Assert.All(entries, entry =>
        {
            Assert.Equal((240, 320, 3),
                (entry.GetProperty("resolution").GetProperty("height").GetInt32(), entry.GetProperty("resolution").GetProperty("width")
                    .GetInt32(), entry.GetProperty("resolution").GetProperty("channels").GetInt32()));
            Assert.Contains("X-Goog-Signature=", entry.GetProperty("signedUrl").GetString(), StringComparison.Ordinal);
        });
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [GeneratedRegex(@"# chunk-logger alone\n.*?```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();
}
