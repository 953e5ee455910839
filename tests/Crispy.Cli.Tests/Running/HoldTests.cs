using System.Text.Json.Nodes;
using Crispy.Contracts;

namespace Crispy.Cli.Tests.Running;

/// <summary>Retention and holds through all processes: what is chosen for a stream reaches the bucket, which deletes by it, and keeps what
/// is held.</summary>
public sealed class HoldTests(RecordingSystem shared)
{
    private const int Days = 10_000;

    private static readonly DateTimeOffset Due = RecordingSystem.Start.AddDays(Days).AddMinutes(1);

    [Fact]
    public async Task The_video_of_a_stream_with_days_of_its_own_is_deleted_then_and_its_loss_record_and_what_is_held_stay()
    {
        var system = await shared.StartedAsync();
        await system.RecordAsync("attic", "mkv");
        await system.KillAsync("cellar");
        var dead = (string)(await system.JsonAsync("dead", "--stream", "cellar"))["items"]![0]!["chunk"]!;
        Assert.Equal(0, (await system.CrispyAsync("dead", "discard", dead, "--reason", "of this test", "--yes")).ExitCode);
        foreach (var stream in (string[])["attic", "cellar"]) await system.ChangeAsync(stream, new { retentionDays = Days });
        Assert.Equal(Days, (int)(await system.JsonAsync("streams", "show", "attic"))["retention"]!["days"]!);

        var chunks = await system.ResourcesAsync("attic");
        Assert.Equal(3, chunks.Count);
        Assert.All(chunks, chunk => Assert.Equal(At(chunk["metadata"]!["crispy-from"]), At(chunk["customTime"])));
        await Until.TrueAsync(async () => (await system.ResourcesAsync("cellar")).Count == 1, TimeSpan.FromMinutes(1));
        var loss = (await system.ResourcesAsync("cellar"))[0];
        Assert.Equal(At(loss["metadata"]!["crispy-from"]), At(loss["customTime"]));
        // The console of a local bucket sets its rules by itself.
        await Until.TrueAsync(async () => (await system.RulesAsync())
            .Contains("\"matchesPrefix\":[\"attic/\",\"cellar/\"]", StringComparison.Ordinal), TimeSpan.FromMinutes(2));

        var range = new[] { "--from", Instants.Format(RecordingSystem.Start.AddSeconds(2.5)), "--to",
            Instants.Format(RecordingSystem.Start.AddSeconds(3.5)) };
        var held = await system.CrispyAsync(["hold", "attic", .. range, "--note", "case 17"]);
        Assert.True(held.ExitCode == 0, held.Output + held.Error);
        Assert.Contains("1 objects, 1 held now", held.Output, StringComparison.Ordinal);
        var hold = Assert.Single((await system.JsonAsync("holds", "attic"))["items"]!.AsArray());
        Assert.Equal(("case 17", 1), ((string)hold!["note"]!, (int)hold["chunks"]!));

        await system.SweepAsync(Due.AddMinutes(-2));
        Assert.Equal(3, (await system.ResourcesAsync("attic")).Count);
        await system.SweepAsync(Due);
        Assert.Equal((string)chunks[1]["name"]!, (string)Assert.Single(await system.ResourcesAsync("attic"))["name"]!);
        Assert.Equal((string)loss["name"]!, (string)Assert.Single(await system.ResourcesAsync("cellar"))["name"]!);
        Assert.NotEmpty(await system.ResourcesAsync("gate"));

        Assert.Equal(0, (await system.CrispyAsync(["release", "attic", .. range, "--yes"])).ExitCode);
        await system.SweepAsync(Due);
        Assert.Empty(await system.ResourcesAsync("attic"));
    }

    [Fact]
    public async Task What_is_kept_how_long_and_what_it_costs_is_told_of_every_stream()
    {
        var system = await shared.StartedAsync();
        var report = await system.JsonAsync("retention");
        var gate = Assert.Single(report["streams"]!.AsArray(), stream => (string)stream!["id"]! == "gate")!;
        Assert.Equal((true, true, false), ((bool)gate["isKnown"]!, (bool)gate["bucketIsKnown"]!, (bool)gate["differs"]!));
        Assert.Null(gate["days"]);
        Assert.Equal(RecordingSystem.Start, At(gate["oldest"]));
        Assert.True((long)gate["bytes"]! > 0);
        Assert.Contains("gate", (await system.CrispyAsync("retention")).Output, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(JsonNode? time) => DateTimeOffset.Parse((string)time!,
        System.Globalization.CultureInfo.InvariantCulture);
}
