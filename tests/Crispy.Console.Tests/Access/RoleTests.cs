using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Crispy.Console.Access;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Crispy.Console.Tests.Access;

/// <summary>Programs with tokens of each role, at the API.</summary>
public sealed class RoleTests : IDisposable
{
    private const string Admin = "the-token-of-crispy-api-alone";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly (string Method, string Path, string? Body, Role Least)[] Requests =
    [
        ("POST", "/api/streams", """{"id":"door","url":"rtsp://user:s3cret@camera/live"}""", Role.Operator),
        ("PUT", "/api/streams/gate", """{"url":"demo:"}""", Role.Operator),
        ("PATCH", "/api/streams/gate", """{"name":"Gate"}""", Role.Operator),
        ("POST", "/api/streams/probe", """{"url":"demo:"}""", Role.Operator),
        ("POST", "/api/streams/gate/pause", null, Role.Operator),
        ("POST", "/api/streams/gate/resume", null, Role.Operator),
        ("POST", "/api/streams/gate/restart", null, Role.Operator),
        ("DELETE", "/api/streams/gate", null, Role.Admin),
        ("POST", "/api/dead/replay", """{"chunks":["gate/20261122T170844123Z/00000001"]}""", Role.Operator),
        ("POST", "/api/dead/gate/20261122T170844123Z/00000001/replay", null, Role.Operator),
        ("POST", "/api/dead/gate%2F20261122T170844123Z%2F00000001/replay", null, Role.Operator),
        ("POST", "/api/dead/discard", """{"chunks":["gate/20261122T170844123Z/00000001"],"reason":"x"}""", Role.Admin),
        ("POST", "/api/dead/gate/20261122T170844123Z/00000001/discard", null, Role.Admin),
        ("POST", "/api/dead/gate%2F20261122T170844123Z%2F00000001/discard", null, Role.Admin),
        ("POST", "/api/something/new", null, Role.Admin),
        ("DELETE", "/api/streams", null, Role.Admin),
        // Other spellings of the same.
        ("POST", "/API/Streams/gate/PAUSE", null, Role.Operator),
        ("DELETE", "/Api/STREAMS/gate/", null, Role.Admin),
        ("POST", "/api/streams/gate/pause/", null, Role.Operator),
        ("POST", "/api/./streams/x/../gate/pause", null, Role.Operator),
        ("POST", "/api/streams/%67ate/%70ause", null, Role.Operator),
        ("POST", "/%61pi/streams/gate/pause", null, Role.Operator),
        ("PURGE", "/api/streams/gate", null, Role.Admin),
    ];

    // What might be taken for another request than it is.
    private static readonly (string Method, string Path)[] Tricks =
    [
        ("POST", "//api/streams/gate/pause"), ("POST", "/api//streams/gate/pause"), ("POST", "/api/streams//gate/pause"),
        ("POST", "/api/streams/gate%2Fpause"),
        ("POST", "/api/streams%2Fgate%2Fpause"), ("POST", "/api%2Fstreams%2Fgate%2Fpause"), ("POST", "/api/streams/gate%252Fpause"),
        ("POST", "/api/streams/gate%5Cpause"),
        ("POST", "/api/streams/gate/pause;x=1"), ("POST", "/api/streams/gate/pause%00"), ("POST", "/api/streams/gate/pause%20"),
        ("POST", "/api/streams/gate/pause?_method=GET"),
        ("POST", "/api/streams/gate/timeline/../pause"), ("POST", "/api/streams/gate/timeline/%2e%2e/pause"),
        ("POST", "/css/../api/streams/gate/pause"),
        ("POST", "/css/%2e%2e/api/streams/gate/pause"), ("POST", "/session/../api/streams/gate/pause"),
        ("POST", "/health/..%2Fapi/streams/gate/pause"),
        ("POST", "/download/../api/dead/discard"), ("POST", "/api/dead/replay/../discard"), ("POST", "/api/dead/a%2Fb%2Fc%2Fdiscard"),
        ("POST", "/api/dead/a/b/c%2Fdiscard"),
        ("delete", "/api/streams/gate"), ("Delete", "/api/streams/gate"), ("DELETE", "/api/streams/gate%2F"),
        ("DELETE", "/api/streams/gate%20"), ("DELETE", "/API//streams/gate"),
        ("CONNECT", "/api/streams/gate"), ("PROPFIND", "/api/streams/gate/pause"), ("POST", "http://localhost/api/streams/gate/pause"),
    ];

    [Fact]
    public async Task No_trick_of_spelling_leads_a_viewer_to_a_change_nor_an_operator_to_what_destroys()
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        await using var console = await StartAsync(fake);
        foreach (var (method, path) in Tricks)
        {
            var viewer = await SendAsync(console, Role.Viewer, method, path, null);
            Assert.True(fake.Changes.IsEmpty && viewer.Status is 0 or >= 300,
                $"{method} {path}: {viewer.Answer} {string.Join(", ", fake.Changes)}");
            await SendAsync(console, Role.Operator, method, path, null);
            Assert.DoesNotContain(fake.Changes, change => change.StartsWith("DELETE", StringComparison.OrdinalIgnoreCase)
                || change.Contains("discard", StringComparison.OrdinalIgnoreCase));
            fake.Changes.Clear();
        }
    }

    // Some at a time: of one person's refusals 30 a minute are written.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_request_reaches_stream_handle_from_those_roles_alone_that_may_and_the_audit_log_has_one_entry(int half)
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        await using var console = await StartAsync(fake);
        foreach (var (method, path, body, least) in Requests.Where((_, index) => index % 2 == half))
            foreach (var role in (Role[])[Role.Viewer, Role.Operator, Role.Admin])
                await JudgeAsync(console, fake, $"{role}: {method} {path}",
                    () => SendAsync(console, role, method, path, body), role, least);
    }

    private static async Task JudgeAsync(RunningConsole console, FakeStreamHandle fake, string what,
        Func<Task<(int Status, string Answer)>> send, Role role, Role least)
    {
        fake.Changes.Clear();
        var before = await EntriesAsync(console);
        var (status, answer) = await send();
        var added = (await EntriesAsync(console)).Except(before).ToList();
        Assert.True(added.Count == 1, $"{what}: {status}, entries: {string.Join('\n', added)}");
        if (role < least)
        {
            Assert.True(status is 403 && answer.Contains("urn:crispy:problem:not-allowed", StringComparison.Ordinal), $"{what}: {answer}");
            Assert.True(fake.Changes.IsEmpty, $"{what}: {string.Join(", ", fake.Changes)}");
            Assert.True(added[0].Contains("\"action\":\"refused\"", StringComparison.Ordinal), $"{what}: {added[0]}");
        }
        else
        {
            Assert.True(status != 403 && !added[0].Contains("refused", StringComparison.Ordinal), $"{what}: {answer}");
            Assert.True(added[0].Contains($"\"status\":{status}", StringComparison.Ordinal), $"{what}: {status}, {added[0]}");
        }
        Assert.True(added[0].Contains($"\"role\":\"{ApiEnum.Name(role)}\"", StringComparison.Ordinal), $"{what}: {added[0]}");
        Assert.DoesNotContain("s3cret", added[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_header_makes_another_method_of_a_request()
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        await using var console = await StartAsync(fake);
        foreach (var header in (string[])["X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: DELETE"])
        {
            Assert.Equal(200, (await SendAsync(console, Role.Operator, "POST", "/api/streams/gate/pause", null, header)).Status);
            Assert.DoesNotContain(fake.Headers!, sent => sent.Key.Contains("Method", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(200, (await SendAsync(console, Role.Viewer, "GET", "/api/streams/gate", null, header)).Status);
        }
        Assert.All(fake.Changes, change => Assert.Equal("POST /api/streams/gate/pause", change));
    }

    [Fact]
    public async Task Viewers_look_and_nobody_without_a_token_of_now_does()
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        await using var console = await StartAsync(fake);
        foreach (var path in (string[])["/api/streams", "/api/streams/gate", "/api/notify", "/openapi/archive.json"])
            Assert.Equal((path, 200), (path, (await SendAsync(console, Role.Viewer, "GET", path, null)).Status));
        foreach (var path in (string[])["/api/audit", "/API/AUDIT", "/api/audit/"])
            Assert.Equal((path, 403), (path, (await SendAsync(console, Role.Operator, "GET", path, null)).Status));
        foreach (var path in (string[])["/api/ledger.csv", "/api/ledger/report", "/download/gate/20261122T170844123Z/00000001",
            "/api/chunks/gate/20261122T170844123Z/00000001/url"])
            Assert.Equal((path, 403), (path, (await SendAsync(console, Role.Viewer, "GET", path, null)).Status));
        foreach (var bearer in (string[])["another-token-of-nobody-at-all", "", TokenOf(Role.Viewer) + "x"])
        {
            var (status, answer) =
                await RawHttp.SendAsync(console.Address, "GET /api/streams", ["Host: localhost", $"Authorization: Bearer {bearer}"]);
            Assert.Equal(401, status);
            Assert.Contains("urn:crispy:problem:sign-in-needed", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_was_asked_for_stands_in_the_audit_log_with_its_target_and_without_a_secret()
    {
        await using var fake = await FakeStreamHandle.StartAsync("gate");
        await using var console = await StartAsync(fake);
        await SendAsync(console, Role.Operator, "POST", "/api/streams",
            """{"id":"door","url":"rtsp://user:s3cret@camera:554/a-secret?key=s3cret"}""");
        await SendAsync(console, Role.Admin, "POST", "/api/dead/discard",
            """{"chunks":["gate/20261122T170844123Z/00000001","gate/20261122T170844123Z/00000002"],"reason":"blurred"}""");
        fake.Status = 409;
        await SendAsync(console, Role.Operator, "POST", "/api/streams/gate/restart", null);
        var page = (await AuditAsync(console, "?limit=10"))["items"]!.AsArray();
        Assert.Equal(["restarted", "discarded", "added"], page.Select(entry => (string?)entry!["action"]));
        Assert.Equal(("gate", 409, "operator-program"), ((string?)page[0]!["stream"], (int?)page[0]!["status"], (string?)page[0]!["name"]));
        Assert.Equal((2, "reason: blurred"), (page[1]!["chunks"]!.AsArray().Count, (string?)page[1]!["detail"]));
        Assert.Equal(("door", "keys: id, url; address: rtsp://***@camera:554/***"),
            ((string?)page[2]!["stream"], (string?)page[2]!["detail"]));
        Assert.DoesNotContain("secret", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["audit"], "audit-*.jsonl"))),
            StringComparison.Ordinal);

        // Page by page, and by stream, person and time.
        var first = await AuditAsync(console, "?limit=2");
        Assert.Equal(["added"],
            (await AuditAsync(console, $"?limit=2&after={first["next"]}"))["items"]!.AsArray().Select(entry => (string?)entry!["action"]));
        Assert.Equal(2, (await AuditAsync(console, "?person=OPERATOR-program"))["items"]!.AsArray().Count);
        Assert.Equal(2, (await AuditAsync(console, "?stream=gate"))["items"]!.AsArray().Count);
        Assert.Empty((await AuditAsync(console, "?from=2100-01-01"))["items"]!.AsArray());
        Assert.Equal(400, (await SendAsync(console, Role.Admin, "GET", "/api/audit?from=yesterday&limit=0", null)).Status);
    }

    [Fact]
    public void Every_route_of_the_API_stands_in_the_table_of_roles_and_every_row_of_it_has_a_route()
    {
        using var app = (IDisposable)ConsoleApp.Create(
            [.. RunningConsole.Usual, "--Crispy:Api:AllowAnonymous=true", "--applicationName=Crispy.Console"]);
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])
                .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}"))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var ours = routes.Where(route => route.Contains(" /api/", StringComparison.Ordinal)
            || route.Contains(" /download/", StringComparison.Ordinal));
        Assert.Equal(["* /api/{**rest}"], ours.Except(Operations.Routes, StringComparer.OrdinalIgnoreCase));
        Assert.Empty(Operations.Routes.Except(routes, StringComparer.OrdinalIgnoreCase));
    }

    private static string TokenOf(Role role) => role == Role.Admin ? Admin : $"the-token-of-every-{ApiEnum.Name(role)}";

    private static Task<(int Status, string Answer)> SendAsync(RunningConsole console, Role role, string method, string path, string? body,
        params string[] headers) =>
        RawHttp.SendAsync(console.Address, $"{method} {path}",
            ["Host: localhost", $"Authorization: Bearer {TokenOf(role)}",
                .. body is null ? [] : (string[])["Content-Type: application/json"], .. headers], body ?? (method is "GET" ? null : ""));

    private static async Task<JsonNode> AuditAsync(RunningConsole console, string query)
    {
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Admin);
        return (await client.GetFromJsonAsync<JsonNode>($"/api/audit{query}"))!;
    }

    private static async Task<List<string>> EntriesAsync(RunningConsole console) =>
        [.. (await AuditAsync(console, "?limit=1000"))["items"]!.AsArray().Select(entry => entry!.ToJsonString())];

    private async Task<RunningConsole> StartAsync(FakeStreamHandle fake)
    {
        List<string> tokens = [];
        foreach (var (index, role) in ((Role[])[Role.Viewer, Role.Operator]).Index())
        {
            var file = _folder[$"{role}.token"];
            File.WriteAllText(file, TokenOf(role));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            tokens.AddRange(
                [$"--Crispy:Console:Tokens:{index}:Name={ApiEnum.Name(role)}-program", $"--Crispy:Console:Tokens:{index}:Role={role}",
                    $"--Crispy:Console:Tokens:{index}:TokenFile={file}"]);
        }
        var console = await RunningConsole.StartAsync(
            [$"--Crispy:Api:Token={Admin}", $"--Crispy:Console:StreamHandle={fake.Address}",
                $"--Crispy:Console:AuditFolder={_folder["audit"]}", .. tokens]);
        using var client = new HttpClient { BaseAddress = console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Admin);
        await Until.TrueAsync(async () => (await client.GetAsync("/api/streams")).IsSuccessStatusCode);
        return console;
    }
}
