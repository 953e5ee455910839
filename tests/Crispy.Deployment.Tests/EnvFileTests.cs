using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>deploy/compose/make-env.sh, and the file that it writes as docker compose reads it.</summary>
public sealed class EnvFileTests : IDisposable
{
    private const string Account = """{ "type": "service_account", "private_key": "-----BEGIN A KEY-----\nMII$a${b}\n", "x": "a\\"b" }""";

    private readonly TempFolder _folder = new();

    public EnvFileTests()
    {
        File.WriteAllText(_folder["worker.json"], Account);
        File.WriteAllText(_folder["console.json"], Account.Replace("$a", "console", StringComparison.Ordinal));
    }

    private string EnvFile => _folder[".env"];

    private string[] Given => ["--bucket", "my-chunks", "--credentials", _folder["worker.json"], "--console-credentials",
        _folder["console.json"]];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compose_needs_nothing_but_the_file_and_changes_no_value()
    {
        await ContainerEngine.RequireComposeAsync();
        var made = await MakeAsync(Given);
        Assert.True(made.ExitCode == 0, made.Error);

        var services = await ConfigAsync();

        Assert.Equal(Account, Environment(services, "upload-worker", "Crispy__Credentials"));
        Assert.Equal(Account.Replace("$a", "console", StringComparison.Ordinal), Environment(services, "console", "Crispy__Credentials"));
        var key = Environment(services, "stream-handle", "Crispy__Signing__PrivateKey");
        using (SigningKey.ReadPrivate(key)) { }
        Assert.Equal(SigningKey.PublicPem(key).Trim(), Environment(services, "stream-handle", "Crispy__Signing__PublicKeys").Trim());
        using (SigningKey.ReadPrivate(Environment(services, "console", "Crispy__Console__ReportKey"))) { }
        Assert.NotEqual(key, Environment(services, "console", "Crispy__Console__ReportKey"));
        Assert.Matches("^[0-9a-f]{48}$", Environment(services, "stream-handle", "Crispy__Api__Token"));
        Assert.Equal("my-chunks", Environment(services, "upload-worker", "Crispy__Bucket"));
    }

    [Fact]
    public async Task The_file_is_its_owners_alone_and_no_secret_is_printed()
    {
        var made = await MakeAsync(Given);

        Assert.True(made.ExitCode == 0, made.Error);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(EnvFile));
        Assert.DoesNotContain("PRIVATE", made.Output + made.Error, StringComparison.Ordinal);
        Assert.Equal([".env", "console.json", "worker.json"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_there_stays_and_what_is_missing_is_added()
    {
        await File.WriteAllTextAsync(EnvFile, "# mine\nREDIS_PASSWORD='kept'\nOTHER=1", TestContext.Current.CancellationToken);
        var first = await MakeAsync(Given);
        Assert.True(first.ExitCode == 0, first.Error);
        var text = await File.ReadAllTextAsync(EnvFile, TestContext.Current.CancellationToken);
        Assert.StartsWith("# mine\nREDIS_PASSWORD='kept'\nOTHER=1\nCRISPY_BUCKET='my-chunks'\n", text, StringComparison.Ordinal);

        var second = await MakeAsync(["--bucket", "another"]);

        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(text, await File.ReadAllTextAsync(EnvFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_of_ones_own_is_taken()
    {
        await Command.RunAsync("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            _folder["mine.pem"]);

        var made = await MakeAsync([.. Given, "--signing-key", _folder["mine.pem"]]);

        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Contains(
            $"CRISPY_SIGNING_KEY='{(await File.ReadAllTextAsync(_folder["mine.pem"], TestContext.Current.CancellationToken)).TrimEnd()}'",
            await File.ReadAllTextAsync(EnvFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--bucket", "UPPER")]
    [InlineData("--credentials", "/nowhere.json")]
    [InlineData("--signing-key", "/nowhere.pem")]
    [InlineData("--surprise", "1")]
    public async Task A_mistake_is_named_and_nothing_is_written(string option, string value)
    {
        var made = await MakeAsync([.. Given, option, value]);

        Assert.Equal(2, made.ExitCode);
        Assert.Contains(option, made.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(EnvFile));
    }

    [Fact]
    public async Task What_is_needed_is_asked_for()
    {
        var made = await MakeAsync(["--bucket", "my-chunks"]);

        Assert.Equal(2, made.ExitCode);
        Assert.Contains("--credentials is needed", made.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(EnvFile));
    }

    private Task<CommandResult> MakeAsync(string[] arguments) =>
        Command.TryAsync("bash", [Repository.PathOf("deploy", "compose", "make-env.sh"), "--output", EnvFile, .. arguments]);

    // As in a new shell: of the environment there is only what finds docker.
    private async Task<JsonNode> ConfigAsync()
    {
        string[] kept = ["PATH", "HOME", "DOCKER_CONFIG"];
        var read = await Command.RunAsync("env", ["-i", .. kept.Where(name => System.Environment.GetEnvironmentVariable(name) is not null)
            .Select(name => $"{name}={System.Environment.GetEnvironmentVariable(name)}"),
            "docker", "compose", "--env-file", EnvFile, "--file", Repository.PathOf("deploy", "compose", "compose.yaml"), "config",
                "--format", "json"]);
        return JsonNode.Parse(read)!["services"]!;
    }

    // What `config` prints is compose's own language, in which a dollar is written twice.
    private static string Environment(JsonNode services, string service, string key) =>
        ((string)services[service]!["environment"]![key]!).Replace("$$", "$", StringComparison.Ordinal);
}
