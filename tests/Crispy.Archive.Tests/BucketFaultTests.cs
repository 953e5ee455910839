using System.Net;
using Crispy.Contracts;

namespace Crispy.Archive.Tests;

/// <summary>What the archive asks of the bucket, by Google's client, while the bucket fails. Its callers are told with 503, and served once
/// it is over.</summary>
public sealed class BucketFaultTests
{
    private const string Folders = "folders";
    private const string List = "list";
    private const string Describe = "describe";
    private const string Whole = "whole";
    private const string Part = "part";

    public static TheoryData<string, string> Faults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var call in (string[])[Folders, List, Describe])
                foreach (var fault in (string[])["403", "429", "503", "resetBeforeBody", "resetMidBody", "truncate"]) data.Add(call, fault);
            string[] partly = ["403", "408", "429", "500", "503", "resetBeforeBody", "resetMidBody"];
            foreach (var fault in partly) data.Add(Part, fault);
            foreach (var fault in (string[])[.. partly, "truncate", "wrongCrc"]) data.Add(Whole, fault);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_a_503_that_names_the_bucket_and_over_once_it_is_over(string call, string fault)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video((await Footage.CutAsync(new("mkv"))).Take(2));
        await site.StoreAsync(gate);
        var (path, match) = Call(call, gate.Objects[1]);
        await site.FailAsync(fault, match, times: 99);

        var problem = await site.ProblemAsync(HttpStatusCode.ServiceUnavailable, path);
        Assert.StartsWith($"the bucket '{Site.Bucket}' ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await site.ClearFaultsAsync();
        using var answer = await site.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(Folders, "503")]
    [InlineData(List, "429")]
    [InlineData(List, "redirect")]
    [InlineData(Describe, "408")]
    [InlineData(Describe, "redirect")]
    [InlineData(Whole, "redirect")]
    [InlineData(Part, "redirect")]
    [InlineData(Part, "wholeHash")]
    [InlineData(Part, "wrongCrc")]
    public async Task What_the_client_gets_over_nobody_notices(string call, string fault)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video((await Footage.CutAsync(new("mkv"))).Take(2));
        await site.StoreAsync(gate);
        var (path, match) = Call(call, gate.Objects[1]);
        await site.FailAsync(fault, match);

        using var answer = await site.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((HttpStatusCode.OK, 0), (answer.StatusCode, await site.FaultsLeftAsync()));
    }

    [Theory]
    [InlineData(List)]
    [InlineData(Describe)]
    [InlineData(Whole)]
    [InlineData(Part)]
    public async Task A_slow_bucket_is_waited_for(string call)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video((await Footage.CutAsync(new("mkv"))).Take(2));
        await site.StoreAsync(gate);
        var (path, match) = Call(call, gate.Objects[1]);
        await site.FailAsync("slow", match);

        var answer = site.Client.GetAsync(new Uri(path, UriKind.Relative));
        await Until.TrueAsync(async () => await site.FaultsLeftAsync() == 0);
        Assert.False(answer.IsCompleted);
        await site.ClearFaultsAsync();

        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
    }

    /// <returns>A route that makes the call, and what the call's requests have in common.</returns>
    private static (string Path, object Match) Call(string call, Stored stored)
    {
        var at = Uri.EscapeDataString(Instants.Format(stored.From.AddSeconds(1)));
        var (objects, described) = ($"/storage/v1/b/{Site.Bucket}/o", $"/storage/v1/b/{Site.Bucket}/o/{Uri.EscapeDataString(stored.Name)}");
        var chunk = stored.Name.Split('/')[^1];
        return call switch
        {
            Folders => ("/api/ledger?" + Range(stored), new { path = objects, queryContains = "delimiter=" }),
            List => ("/api/chunks?stream=gate&" + Range(stored), new { path = objects, queryContains = "items(" }),
            Describe => ($"/api/streams/gate/segments/0/{chunk}.m4s", new { path = described }),
            Whole => ($"/api/streams/gate/segments/0/{chunk}.m4s", new { path = described, queryContains = "alt=media" }),
            _ => ($"/api/streams/gate/thumbnail?at={at}", (object)new { path = described, queryContains = "alt=media" }),
        };
    }

    private static string Range(Stored stored)
    {
        var (from, to) = (Instants.Format(stored.From.AddMinutes(-1)), Instants.Format(stored.To.AddMinutes(1)));
        return $"from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}";
    }
}
