using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Cli.Tests.Running;
using Crispy.Contracts;
using Google.Apis.Storage.v1.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Crispy.Cli.Tests;

/// <summary>crispy retention sets a bucket's rules, and crispy verify knows what they deleted.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private const string Bucket = EmulatedBucket.Name;

    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private EmulatedBucket _bucket = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await EmulatedBucket.StartAsync(_folder["run"]);
        File.WriteAllText(_folder["public.txt"], _signer.PublicPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _bucket.DisposeAsync();
        _signer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Rules_are_shown_before_they_are_set_and_those_of_others_stay()
    {
        await _bucket.Storage.PatchBucketAsync(new() { Name = Bucket,
            Lifecycle = new() { Rule = [new() { Action = new() { Type = "Delete" }, Condition = new() { Age = 20 } }] } });
        var plan = await RunAsync("plan", "--days", "30", "--loss-days", "90", "--stream", "till=7");
        Assert.Equal(1, plan.ExitCode);
        Assert.Contains("""+ {"action":{"type":"Delete"},"condition":{"daysSinceCustomTime":7,"matchesPrefix":["till/"]""", plan.Output,
            StringComparison.Ordinal);
        Assert.Contains("deletes video after 20 days, sooner than the 30 days that are wanted", plan.Error, StringComparison.Ordinal);
        Assert.Single(await RulesAsync());

        var refused = await RunAsync("apply", "--days", "30");
        Assert.Equal((2, 1), (refused.ExitCode, (await RulesAsync()).Count));
        Assert.Contains("--yes is needed", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("apply", "--days", "30", "--loss-days", "90", "--stream", "till=7", "--yes")).ExitCode);
        Assert.Equal(["age 20", "7 till/", "30 ", "90 "], (await RulesAsync()).Select(Brief));
        var again = await RunAsync("apply", "--days", "30", "--loss-days", "90", "--yes", "--json");
        Assert.Equal((0, false), (again.ExitCode, (bool)JsonNode.Parse(again.Output)!["differs"]!));
        // Who wants another default changes ours alone.
        Assert.Equal(0, (await RunAsync("apply", "--days", "60", "--loss-days", "90", "--yes")).ExitCode);
        Assert.Equal(["age 20"], (await RulesAsync()).Select(Brief).Take(1));
    }

    [Fact]
    public async Task Without_days_the_api_is_asked_and_what_it_says_of_each_stream_is_set()
    {
        await using var api = await ScriptedApi.StartAsync(app => app.MapGet("/api/streams", () => Results.Text(
            """
            {"total":2,"items":[
             {"id":"gate","state":"running","kind":"live","retention":{"days":30,"lossRecordDays":null,"isOwn":false,"defaultDays":30}},
             {"id":"vault","state":"running","kind":"live","retention":{"days":365,"lossRecordDays":null,"isOwn":true,"defaultDays":30}}
            ],"next":null}
            """, "application/json")));
        var result = await Cli.RunWithAsync(_bucket.Host, "retention", "apply", "--bucket", $"gs://{Bucket}", "--yes", "--api",
            api.Urls.Single());
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(["30 gate/", "365 vault/", "365 "], (await RulesAsync()).Select(Brief));
    }

    [Theory]
    [InlineData("--days '0'", "--days", "0")]
    [InlineData("--days 'a'", "--days", "a")]
    [InlineData("loss records would be kept 20 days", "--days", "30", "--loss-days", "20")]
    [InlineData("loss records would be kept 60 days", "--days", "30", "--loss-days", "60", "--stream", "gate=90")]
    [InlineData("--stream 'gate'", "--days", "30", "--stream", "gate")]
    public async Task What_makes_no_sense_is_told_and_nothing_is_set(string told, params string[] arguments)
    {
        var result = await RunAsync("apply", [.. arguments, "--yes"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.Empty(await RulesAsync());
    }

    [Fact]
    public async Task A_bucket_whose_oldest_chunks_expired_is_as_it_was_recorded_and_says_how_that_is_known()
    {
        // How old the recording is this machine says: so many days are kept.
        var age = (int)Math.Floor((DateTimeOffset.UtcNow - Recording.Start).TotalDays);
        Assert.SkipWhen(age < 4, "The clock of this machine is too near the recording.");
        var gate = new Recording("gate", _signer).Chunks(11, final: true);
        await _bucket.UploadAsync(gate);
        foreach (var stored in gate.Objects.Take(8)) await _bucket.Storage.DeleteObjectAsync(Bucket, stored.Name);

        var (missing, findings, _) = await VerifyAsync();
        Assert.Equal((1, "missing"), (missing, Assert.Single(findings).Kind));

        Assert.Equal(0, (await RunAsync("apply", "--days", $"{age}", "--yes")).ExitCode);
        var (exitCode, none, report) = await VerifyAsync();
        Assert.Empty(none);
        var expired = Assert.Single(report.GetProperty("streams")[0].GetProperty("expired").EnumerateArray().ToList());
        Assert.Equal((0, 0, 7, age, "the bucket's rule"), (exitCode, expired.GetProperty("fromSequence").GetInt32(),
            expired.GetProperty("toSequence").GetInt32(), expired.GetProperty("days").GetInt32(), expired.GetProperty("by").GetString()));
        var text = await Cli.RunWithAsync(_bucket.Host, "verify", $"gs://{Bucket}", "--keys", _folder["public.txt"]);
        Assert.Contains($"expired     chunks 0 to 7 are older than the {age} days for which video is kept (the bucket's rule)", text.Output,
            StringComparison.Ordinal);
        // The folder of the emulator knows the same, and what is said by hand counts before it.
        Assert.Equal(0, (await Cli.VerifyAsync(_folder["run"], "--keys", _folder["public.txt"])).ExitCode);
        Assert.Equal(1, (await VerifyAsync("--retention", "forever")).ExitCode);
        Assert.Equal(0, (await VerifyAsync("--retention", "2")).ExitCode);
    }

    [Fact]
    public async Task What_is_missing_in_the_middle_of_old_video_or_is_younger_than_it_is_kept_stays_a_finding()
    {
        var age = (int)Math.Floor((DateTimeOffset.UtcNow - Recording.Start).TotalDays);
        Assert.SkipWhen(age < 4, "The clock of this machine is too near the recording.");
        var gate = new Recording("gate", _signer).Chunks(8).NewEpoch(TimeSpan.FromDays(age)).Chunks(4, final: true);
        await _bucket.UploadAsync(gate);
        foreach (var gone in (int[])[0, 1, 4, 9]) await _bucket.Storage.DeleteObjectAsync(Bucket, gate.Objects[gone].Name);
        var (exitCode, findings, _) = await VerifyAsync("--retention", "1");
        Assert.Equal(1, exitCode);
        Assert.Equal(["chunk 4 is", "chunk 9 is"], findings.Select(finding => finding.Message["gate: ".Length..].Split(" missing")[0]));
        // Held, it explains the hole around it.
        foreach (var kept in (int[])[2, 3, 5, 6, 7])
            await _bucket.Storage.PatchObjectAsync(new() { Bucket = Bucket, Name = gate.Objects[kept].Name, TemporaryHold = true });
        Assert.Equal("chunk 9 is", Assert.Single((await VerifyAsync("--retention", "1")).Findings)
            .Message["gate: ".Length..].Split(" missing")[0]);
    }

    [Fact]
    public async Task Printed_rules_are_a_lifecycle_file_and_plan_reckons_with_the_price_list()
    {
        var rules = await Cli.RunAsync("retention", "rules", "--days", "30", "--loss-days", "60");
        Assert.Equal(["30 ", "60 "], JsonNode.Parse(rules.Output)!["rule"]!.AsArray().Select(rule => Brief(rule!)));
        var dear = await Command.TryAsync("env", ["Crispy__Prices__StorageGiBMonth=0.04", "Crispy__Prices__Currency=EUR", "dotnet",
            Path.Combine(AppContext.BaseDirectory, "crispy.dll"), "plan"]);
        Assert.Contains("EUR 48 for storage", dear.Output.Replace("\u00a0", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        var wrong = await Command.TryAsync("env", ["Crispy__Prices__ClassA=much", "dotnet",
            Path.Combine(AppContext.BaseDirectory, "crispy.dll"), "plan"]);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("Crispy:Prices:ClassA is 'much'", wrong.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> RunAsync(string verb, params string[] arguments) =>
        Cli.RunWithAsync(_bucket.Host, ["retention", verb, "--bucket", Bucket, .. arguments]);

    private Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings,
        JsonElement Report)> VerifyAsync(params string[] options) =>
        Cli.VerifyWithAsync(_bucket.Host, [$"gs://{Bucket}", "--keys", _folder["public.txt"], .. options]);

    private async Task<List<JsonNode>> RulesAsync()
    {
        using var http = new HttpClient();
        var bucket = JsonNode.Parse(await http.GetStringAsync(new Uri($"{_bucket.Host}b/{Bucket}")))!;
        return [.. (bucket["lifecycle"]?["rule"]?.AsArray() ?? []).Select(rule => rule!.DeepClone())];
    }

    private static string Brief(JsonNode rule) => rule["condition"]!["age"] is { } age ? $"age {age}"
        : $"{((int)rule["condition"]!["daysSinceCustomTime"]!).ToString(CultureInfo.InvariantCulture)} "
            + $"{string.Join('|', rule["condition"]!["matchesPrefix"]?.AsArray().Select(prefix => (string)prefix!) ?? [])}";
}
