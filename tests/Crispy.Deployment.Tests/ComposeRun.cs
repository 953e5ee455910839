using System.Text.Json.Nodes;
using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>One run of deploy/compose/try.yaml under a project name of its own, with images and free ports of its own. Nothing of it is
/// left in the end.</summary>
internal sealed class ComposeRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();
    private readonly string _name = $"crispy-test-{Guid.NewGuid():N}";

    private ComposeRun(string changes) => File.WriteAllText(_folder["changes.yaml"], changes);

    /// <summary>Prepares a run with these images, by service of try.yaml.</summary>
    public static ComposeRun With(IReadOnlyDictionary<string, string> images)
    {
        var services = images.Select(pair => $"  {pair.Key}:\n    image: {pair.Value}\n    build: !reset null\n"
            + (pair.Key is "stream-handle" or "console" ? "    ports: !override [\"127.0.0.1::8080\"]\n" : ""));
        return new($"services:\n{string.Concat(services)}");
    }

    /// <summary>Runs a command of docker compose and returns its standard output.</summary>
    public Task<string> RunAsync(params string[] arguments) => ContainerEngine.DockerAsync(["compose", "--project-name", _name,
        "--file", Repository.PathOf("deploy", "compose", "try.yaml"), "--file", _folder["changes.yaml"], "--progress", "quiet",
            .. arguments]);

    /// <summary>Starts everything, or what is not there.</summary>
    public Task UpAsync(params string[] options) => RunAsync(["up", "--detach", "--no-build", .. options]);

    /// <summary>The containers of a service, or of all, as <c>ps</c> lists them.</summary>
    public async Task<IReadOnlyList<JsonNode>> ContainersAsync(params string[] services) =>
        [.. (await RunAsync(["ps", "--all", "--format", "json", .. services]))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Waits until each container of these services, or of all but the one that made the keys, is healthy.</summary>
    public Task HealthyAsync(params string[] services) => HealthAsync("healthy", services);

    /// <summary>Waits until each container of these services has this health.</summary>
    public async Task HealthAsync(string health, params string[] services)
    {
        var seen = "";
        await Until.TrueAsync(async () =>
        {
            var containers = (await ContainersAsync(services)).Where(container => (string?)container["Service"] != "keys").ToList();
            seen = string.Join(", ", containers.Select(container => $"{container["Service"]} {container["State"]} {container["Health"]}"));
            return containers.Count > 0 && containers.All(container => (string?)container["Health"] == health);
        }, Patience, $"{health}, last seen: {seen}");
    }

    /// <summary>Kills the first container of a service and waits until its restart policy has it running again.</summary>
    public async Task CrashAsync(string service)
    {
        var container = (string)(await ContainersAsync(service))[0]["ID"]!;
        var started = await StartedAsync(container);
        await ContainerEngine.CrashAsync(container);
        await Until.TrueAsync(async () => await StartedAsync(container) is { } now && now != started, Patience,
            $"{service} is started again");
    }

    /// <summary>A request to a port of the service's own, asked from inside of it: a published port may be another machine's.</summary>
    public Task<string> GetAsync(string service, string path) => RunAsync("exec", "-T", service, "bash", "-c",
        $@"exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3; sed '1,/^\r$/d' <&3");

    /// <summary>Chunks by the conservation law of stream-handle.</summary>
    public async Task<(int Captured, int Stored, int Lost, int Dead)> LawAsync()
    {
        var law = JsonNode.Parse(await GetAsync("stream-handle", "/api/status"))!["law"]!;
        return ((int)law["captured"]!, (int)law["stored"]!, (int)law["lost"]!, (int)law["dead"]!);
    }

    /// <summary>Waits until this many more chunks are stored than now.</summary>
    public async Task StoreMoreAsync(int chunks)
    {
        var before = (await LawAsync()).Stored;
        await Until.TrueAsync(async () => (await LawAsync()).Stored >= before + chunks, Patience,
            $"{chunks} more than {before} chunks are stored");
    }

    /// <summary>Copies a folder out of a container, running or not.</summary>
    public async Task<string> CopyAsync(string service, string path, string to)
    {
        await RunAsync("cp", $"{service}:{path}", _folder[to]);
        return _folder[to];
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--volumes", "--remove-orphans", "--timeout", "1");
        _folder.Dispose();
    }

    // Null while it is not running.
    private static async Task<string?> StartedAsync(string container)
    {
        var state = (await ContainerEngine.InspectAsync(container))["State"]!;
        return (bool)state["Running"]! ? (string?)state["StartedAt"] : null;
    }
}
