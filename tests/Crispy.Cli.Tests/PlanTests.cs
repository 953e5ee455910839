using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Commands;

namespace Crispy.Cli.Tests;

/// <summary>crispy plan, and the table of the documents that it made.</summary>
public sealed class PlanTests
{
    [Fact]
    public async Task Sixty_cameras_and_four_hours_are_reckoned_from_the_measured_figures()
    {
        var plan = await PlanAsync("--cameras", "60", "--mbit", "4", "--outage", "4h");
        // 60 x 0.5 MB/s x 14,400 s, and 15 % to spare.
        Assert.Equal(496_800_000_000, (long)plan["spoolBytes"]!);
        Assert.True((long)plan["volumeBytes"]! * 0.9 >= (long)plan["spoolBytes"]! - 1
            || (long)plan["volumeBytes"]! - (16L << 30) >= (long)plan["spoolBytes"]!);
        Assert.Equal(169_000_000 + (60 * 20_000_000), (long)plan["streamHandleBytes"]!);
        Assert.Equal(240e6, (double)plan["uplinkBits"]!);
        // 20 chunks a second for 7 days, 425 bytes each.
        Assert.InRange((long)plan["redisBytes"]!, 5_100_000_000, 6_500_000_000);
        Assert.InRange((double)plan["cores"]!, 0.3, 1);
    }

    [Fact]
    public async Task More_of_each_costs_more_of_what_it_is_made_of()
    {
        var (one, cameras, mbit, outage, days, window) = (await PlanAsync(), await PlanAsync("--cameras", "2"),
            await PlanAsync("--mbit", "8"), await PlanAsync("--outage", "8h"), await PlanAsync("--days", "60"),
            await PlanAsync("--window", "6"));
        foreach (var more in (JsonNode[])[cameras, mbit, outage]) Assert.Equal(2, (double)more["spoolBytes"]! / (double)one["spoolBytes"]!,
            0.01);
        foreach (var more in (JsonNode[])[cameras, mbit, days]) Assert.Equal(2,
            (double)more["storagePerMonth"]! / (double)one["storagePerMonth"]!, 0.01);
        Assert.Equal(0.5, (double)window["operationsPerMonth"]! / (double)one["operationsPerMonth"]!, 0.01);
        Assert.True((double)mbit["cores"]! > (double)one["cores"]!);
    }

    [Fact]
    public async Task Prices_of_ones_own_are_taken_from_a_file_and_a_wrong_name_is_told_with_the_right_one()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["mine.json"], """{ "storagePerGibMonth": 0.04 }""");
        Assert.Equal(2, (double)(await PlanAsync("--figures",
            folder["mine.json"]))["storagePerMonth"]! / (double)(await PlanAsync())["storagePerMonth"]!, 0.001);
        foreach (var (content, told) in ((string, string)[])[("""{ "storagePerGibMont": 1 }""", "did you mean storagePerGibMonth?"),
            ("[]", "no JSON object"), ("""{ "machineUse": "much" }""", "--figures"), ("""{ "storagePerGibMonth": -1 }""", "negative")])
        {
            await File.WriteAllTextAsync(folder["wrong.json"], content);
            var refused = await Cli.RunAsync("plan", "--figures", folder["wrong.json"]);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(told, refused.Error, StringComparison.Ordinal);
        }
        var printed = JsonNode.Parse((await Cli.RunAsync("plan", "--print-figures")).Output)!;
        Assert.All(printed.AsObject(), figure => Assert.NotEmpty((string)figure.Value!["source"]!));
    }

    [Theory]
    [InlineData("30m", 1800)]
    [InlineData("4h", 14400)]
    [InlineData("2d", 172800)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("90s", 90)]
    [InlineData("90", null)]
    [InlineData("h", null)]
    [InlineData("-4h", null)]
    [InlineData("0h", null)]
    [InlineData("4 h", null)]
    [InlineData("2y", null)]
    [InlineData("", null)]
    public void A_length_of_time_is_read(string text, int? seconds) =>
        Assert.Equal(seconds, PlanCommand.Span(text)?.TotalSeconds is { } read ? (int)read : null);

    [Fact]
    public async Task The_table_in_the_documents_is_what_it_reckons()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "deployment.md"));
        var begin = Array.FindIndex(lines, line => line.StartsWith("| cameras | Mbit/s | outage |", StringComparison.Ordinal));
        Assert.True(begin > 0, "no table");
        var rows = lines.Skip(begin + 2).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries)[1..^1];
            var plan = await PlanAsync("--cameras", cells[0], "--mbit", cells[1], "--outage", cells[2]);
            Assert.Equal(string.Join(" | ", Row(cells, plan)), string.Join(" | ", cells));
        }
    }

    private static string[] Row(string[] cells, JsonNode plan) =>
    [
        cells[0], cells[1], cells[2], Gigabytes(plan["volumeBytes"]!), Gigabytes(plan["memoryBytes"]!), ((double)plan["machineCores"]!)
            .ToString("0", CultureInfo.InvariantCulture),
        $"{((double)plan["uplinkBits"]! / 1e6).ToString("0", CultureInfo.InvariantCulture)} Mbit/s", Dollars(plan["storagePerMonth"]!),
            Dollars(plan["operationsPerMonth"]!),
    ];

    private static string Gigabytes(JsonNode bytes) =>
        $"{((double)bytes / 1e9).ToString((double)bytes < 10e9 ? "0.0" : "0", CultureInfo.InvariantCulture)} GB";

    private static string Dollars(JsonNode dollars) => $"${((double)dollars).ToString("N0", CultureInfo.InvariantCulture)}";

    private static async Task<JsonNode> PlanAsync(params string[] arguments)
    {
        var result = await Cli.RunAsync(["plan", "--json", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonNode.Parse(result.Output)!;
    }
}
