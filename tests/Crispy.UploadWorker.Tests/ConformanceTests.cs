using System.Text.Json;
using System.Text.RegularExpressions;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;
using Microsoft.AspNetCore.Http;

namespace Crispy.UploadWorker.Tests;

/// <summary>Google's published retry scenarios (googleapis/conformance-tests, storage/v1/retry_tests.json), those for the insertion of an object. Every insertion of ours
/// carries a precondition, so what Google expects without one does not arise; and ours are one request, whatever the group.</summary>
public sealed partial class ConformanceTests(RabbitMqServer broker, RedisServer redis)
{
    public static TheoryData<string> Scenarios
    {
        get
        {
            var data = new TheoryData<string>();
            if (Published() is not { } path) return new("absent");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new() { AllowTrailingCommas = true });
            foreach (var test in document.RootElement.GetProperty("retryTests").EnumerateArray())
                foreach (var scenario in test.GetProperty("cases").EnumerateArray().Where(_ => Concerns(test)))
                    data.Add($"{test.GetProperty("id")}: {string.Join(", ", Instructions(scenario))} -> {test.GetProperty("expectSuccess")}");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task An_insertion_succeeds_or_fails_as_Google_expects(string scenario)
    {
        if (scenario == "absent") Assert.Skip("the published scenarios (shared/conformance/retry_tests.json beside the repository) are not here");
        await using var rig = await Rig.StartAsync(broker, redis);
        var parts = scenario.Split(": ")[1].Split(" -> ");
        var instructions = new Queue<string>(parts[0].Split(", "));
        rig.Bucket.BeforeUpload = context => FollowAsync(context, instructions);
        rig.Bucket.BeforeFind = context => FollowAsync(context, instructions);
        var chunk = rig.Chunk(0, size: 9 << 20);

        var verdict = await rig.UploadAsync(chunk);

        Assert.Empty(instructions);
        Assert.Equal(parts[1] == "True", verdict is Verdict.Stored);
        Assert.Equal(verdict is Verdict.Stored ? 1 : 0, rig.Bucket.Objects.Count);
        if (verdict is Verdict.Stored) Assert.Equal(chunk.Bytes, rig.Bucket.Objects[chunk.Manifest.Object].Bytes);
        else Assert.True(File.Exists(chunk.Files.Chunk)); // what Google calls failed is refused here, and waits
    }

    private static async Task<bool> FollowAsync(HttpContext context, Queue<string> instructions)
    {
        if (!instructions.TryDequeue(out var instruction)) return false;
        if (instruction == "return-reset-connection")
        {
            context.Abort();
            return true;
        }
        var parsed = Instruction().Match(instruction);
        Assert.True(parsed.Success, $"unknown instruction {instruction}");
        var (status, kilobytes) = (int.Parse(parsed.Groups[1].Value), parsed.Groups[2].Success ? int.Parse(parsed.Groups[2].Value) : 0);
        if (kilobytes == 0 || !HttpMethods.IsPost(context.Request.Method)) return await FaultyBucket.AnswerAsync(context, status);
        await context.Request.Body.ReadExactlyAsync(new byte[kilobytes * 1024]);
        context.Response.StatusCode = status;
        context.Response.Headers.Connection = "close";
        return true;
    }

    private static bool Concerns(JsonElement test) =>
        test.GetProperty("methods").EnumerateArray().Any(method => method.GetProperty("name").GetString() == "storage.objects.insert")
        && (test.GetProperty("preconditionProvided").GetBoolean() || !IsRetryable(test));

    // Without a precondition Google's clients retry nothing: only what is refused in any case says something about ours.
    private static bool IsRetryable(JsonElement test) =>
        test.GetProperty("cases").EnumerateArray().SelectMany(Instructions).Any(one => one is "return-503" or "return-reset-connection");

    private static IEnumerable<string> Instructions(JsonElement scenario) => scenario.GetProperty("instructions").EnumerateArray().Select(one => one.GetString()!);

    private static string? Published()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "conformance", "retry_tests.json") is var path && File.Exists(path)) return path;
        return null;
    }

    [GeneratedRegex(@"^return-(\d{3})(?:-after-(\d+)K)?$")]
    private static partial Regex Instruction();
}
