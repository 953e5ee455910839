using System.Text.Json;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Deployment.Tests;

public sealed class GoogleCloudScriptTests : IDisposable
{
    private static readonly string[][] Ways =
        [[], ["--records"], ["--build", "container"], ["--trigger", "eventarc"], ["--build", "container", "--trigger", "eventarc"]];
    private static readonly string[] EveryStep = ["apis", "accounts", "bucket", "secrets", "images", "logger", "topic", "trigger"];

    private readonly FakeGcloud _gcloud = new();

    public static TheoryData<string> WayNames => [.. Ways.Select(way => string.Join(' ', way))];

    public void Dispose() => _gcloud.Dispose();

    [Theory]
    [MemberData(nameof(WayNames))]
    public async Task A_dry_run_prints_the_commands_of_a_first_run_and_runs_none(string way)
    {
        string[] arguments = [.. Words(way), .. EveryStep];
        var dry = await _gcloud.DeployAsync(["--dry-run", .. arguments]);
        Assert.True(dry.ExitCode == 0, dry.Error);
        Assert.Empty(_gcloud.Calls);

        var real = await _gcloud.DeployAsync(arguments);
        Assert.True(real.ExitCode == 0, real.Output + real.Error);

        var printed = await WordsOfAsync(Commands(dry.Output));
        Assert.Equal(_gcloud.Calls.Select(call => string.Join('\u001f', call)), printed
            .Select(call => string.Join('\u001f', call.Skip(1))
                .Replace("-PROJECT_NUMBER.europe-west1.run.app", "-abc-ew.a.run.app", StringComparison.Ordinal)
                .Replace("PROJECT_NUMBER", "123456789", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(WayNames))]
    public async Task A_second_run_succeeds_and_makes_nothing_twice(string way)
    {
        string[] arguments = [.. Words(way), .. EveryStep];
        Assert.Equal(0, (await _gcloud.DeployAsync(arguments)).ExitCode);
        _gcloud.Forget();

        var second = await _gcloud.DeployAsync(arguments);

        Assert.True(second.ExitCode == 0, second.Output + second.Error);
        Assert.DoesNotContain(_gcloud.Lines, line => line.StartsWith("storage buckets create ", StringComparison.Ordinal)
            || line.StartsWith("secrets versions add ", StringComparison.Ordinal)
            || line.StartsWith("storage buckets notifications create ", StringComparison.Ordinal)
            || line.StartsWith("pubsub subscriptions create crispy-chunk-logger ", StringComparison.Ordinal));
        Assert.Contains(_gcloud.Lines, line => line.StartsWith("storage buckets update ", StringComparison.Ordinal));
        Assert.Contains("is there already", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_granted_more_than_their_work_needs()
    {
        foreach (var way in Ways) Assert.Equal(0, (await _gcloud.DeployAsync([.. way, .. EveryStep])).ExitCode);

        var grants = _gcloud.Calls.Where(call => call.Contains("add-iam-policy-binding"))
            .Select(call =>
                (Member: Option(call, "--member").Split('@')[0], Role: Option(call, "--role"),
                    On: string.Join(' ', call.TakeWhile(word => word != "add-iam-policy-binding"))))
            .Distinct().Order().ToList();
        Assert.Equal([
            ("serviceAccount:crispy-builder", "roles/cloudbuild.builds.builder", "projects"),
            ("serviceAccount:crispy-chunk-logger", "roles/iam.serviceAccountTokenCreator", "iam service-accounts"),
            ("serviceAccount:crispy-chunk-logger", "roles/pubsub.publisher", "pubsub topics"),
            ("serviceAccount:crispy-chunk-logger", "roles/secretmanager.secretAccessor", "secrets"),
            ("serviceAccount:crispy-chunk-logger", "roles/storage.objectViewer", "storage buckets"),
            ("serviceAccount:crispy-console", "projects/test-project/roles/crispyHolder", "storage buckets"),
            ("serviceAccount:crispy-console", "roles/iam.serviceAccountTokenCreator", "iam service-accounts"),
            ("serviceAccount:crispy-console", "roles/storage.objectViewer", "storage buckets"),
            ("serviceAccount:crispy-invoker", "roles/eventarc.eventReceiver", "projects"),
            ("serviceAccount:crispy-invoker", "roles/run.invoker", "run services"),
            ("serviceAccount:crispy-stream-handle", "roles/secretmanager.secretAccessor", "secrets"),
            ("serviceAccount:crispy-upload-worker", "roles/storage.legacyObjectReader", "storage buckets"),
            ("serviceAccount:crispy-upload-worker", "roles/storage.objectCreator", "storage buckets"),
            ("serviceAccount:service-123456789", "roles/iam.serviceAccountTokenCreator", "iam service-accounts"),
            ("serviceAccount:service-123456789", "roles/pubsub.publisher", "projects"),
            ("serviceAccount:service-123456789", "roles/pubsub.publisher", "pubsub topics"),
            ("serviceAccount:service-123456789", "roles/pubsub.subscriber", "pubsub subscriptions"),
        ], grants.OrderBy(grant => grant.Member, StringComparer.Ordinal).ThenBy(grant => grant.Role, StringComparer.Ordinal)
        .ThenBy(grant => grant.On, StringComparer.Ordinal));
        // Who holds ranges can neither write, replace nor delete.
        Assert.Contains(_gcloud.Lines, line => line.StartsWith("iam roles create crispyHolder ", StringComparison.Ordinal)
            && line.Contains(" --permissions=storage.objects.update,storage.buckets.get ", StringComparison.Ordinal));
        // Each secret is for one reader.
        Assert.Contains(_gcloud.Lines,
            line => line.StartsWith("secrets add-iam-policy-binding crispy-signing-key --member=serviceAccount:crispy-stream-handle@",
                StringComparison.Ordinal));
        Assert.Contains(_gcloud.Lines,
            line => line.StartsWith(
                "secrets add-iam-policy-binding crispy-signing-public-keys --member=serviceAccount:crispy-chunk-logger@",
                StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_signing_key_that_it_makes_is_one_that_the_services_take_and_is_seen_nowhere()
    {
        var result = await _gcloud.DeployAsync(["secrets"]);

        Assert.Equal(["crispy-signing-public-keys", "crispy-signing-key"], _gcloud.Secrets.Select(secret => secret.Secret));
        using var key = SigningKey.ReadPrivate(_gcloud.Secrets[1].Text);
        Assert.Equal(SigningKey.PublicPem(_gcloud.Secrets[1].Text).Trim(), _gcloud.Secrets[0].Text.Trim());
        Assert.DoesNotContain("PRIVATE KEY", result.Output + result.Error + string.Join('\n', _gcloud.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotated_key_is_added_before_the_earlier_ones()
    {
        await _gcloud.DeployAsync(["secrets"]);
        await _gcloud.DeployAsync(["secrets", "--rotate-key"]);

        var keys = _gcloud.Secrets.Where(secret => secret.Secret == "crispy-signing-public-keys").ToList();
        Assert.Equal(2, keys.Count);
        Assert.StartsWith("-----BEGIN PUBLIC KEY-----", keys[1].Text, StringComparison.Ordinal);
        Assert.EndsWith("EARLIER PUBLIC KEY", keys[1].Text.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(4, _gcloud.Secrets.Count);
    }

    [Fact]
    public async Task A_key_on_another_curve_is_refused()
    {
        using var folder = new TempFolder();
        await Command.RunAsync("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", folder["key"]);

        var result = await _gcloud.DeployAsync(["secrets", "--signing-key", folder["key"]]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("P-256", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gcloud.Lines, line => line.StartsWith("secrets versions add", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grants_to_accounts_that_are_not_known_yet_are_tried_again()
    {
        var result = await _gcloud.DeployAsync([], "FAKE_SLOW_IAM=1");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    [Theory]
    [InlineData("storage buckets create")]
    [InlineData("iam service-accounts create")]
    [InlineData("functions deploy")]
    [InlineData("pubsub topics create")]
    [InlineData("projects add-iam-policy-binding")]
    public async Task Any_other_refusal_ends_it_with_the_reason(string refused)
    {
        var result = await _gcloud.DeployAsync([], $"FAKE_DENIED={refused}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("PERMISSION_DENIED", result.Error, StringComparison.Ordinal);
        Assert.StartsWith(refused, _gcloud.Lines.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--project", "no spaces allowed")]
    [InlineData("--bucket", "UPPER")]
    [InlineData("--region", "mars")]
    [InlineData("--build", "magic")]
    [InlineData("--trigger", "hope")]
    [InlineData("--retention", "0")]
    [InlineData("--retention", "a month")]
    [InlineData("--loss-days", "0")]
    [InlineData("--surprise", "")]
    public async Task A_wrong_option_is_named_with_its_value_before_anything_runs(string option, string value)
    {
        var result = await _gcloud.DeployAsync([option, value]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
        Assert.Empty(_gcloud.Calls);
    }

    [Theory]
    [InlineData(new string[0], "functions deploy", "--set-env-vars")]
    [InlineData(new[] { "--records" }, "functions deploy", "--set-env-vars")]
    [InlineData(new[] { "--build", "container" }, "run deploy", "--set-env-vars")]
    public async Task Chunk_logger_is_deployed_with_the_settings_of_the_manifest(string[] way, string command, string option)
    {
        Assert.Equal(0, (await _gcloud.DeployAsync([.. way, "logger"])).ExitCode);

        var call = Assert.Single(_gcloud.Calls, call => string.Join(' ', call).StartsWith(command, StringComparison.Ordinal));
        var settings = Option(call, option).Split(',').Concat(Option(call, "--set-secrets").Split(','))
            .Select(pair => pair.Split('=')[0]).ToList();
        KnownSettings.RequireRead("chunk-logger", settings);
        // A function's target is its entry point; its credentials are its account's, and its port is given by the platform.
        var given = command == "functions deploy"
            ? new[] { "FUNCTION_TARGET", "DOTNET_RUNNING_IN_CONTAINER", "Crispy__Credentials", "HTTP_PORTS" }
            : ["Crispy__Credentials", "HTTP_PORTS"];
        Assert.Empty((await ManifestRules.RequiredKeysAsync("chunk-logger")).Except(settings).Except(given));
        var target = (await Repository.EnvironmentAsync("chunk-logger"))["FUNCTION_TARGET"];
        if (command == "functions deploy")
        {
            Assert.Equal(target, Option(call, "--entry-point"));
            var build = Option(call, "--set-build-env-vars").Split(',').Select(pair => pair.Split('='))
                .ToDictionary(pair => pair[0], pair => pair[1]);
            Assert.True(File.Exists(Repository.PathOf(build["GOOGLE_BUILDABLE"])));
            // Not what the buildpack would take by itself, which has no fixes: what the Dockerfile has.
            var dockerfile = Repository.Read("Crispy.ChunkLogger", "Dockerfile");
            Assert.Contains($"/sdk:{build["GOOGLE_DOTNET_SDK_VERSION"]}-", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"/aspnet:{build["GOOGLE_ASP_NET_CORE_VERSION"]}-", dockerfile, StringComparison.Ordinal);
            Assert.Equal("true", build["GoogleFunctionsPackages"]);
        }
        else
        {
            Assert.Contains($"FUNCTION_TARGET={target}", Option(call, option), StringComparison.Ordinal);
            Assert.Equal((await ManifestRules.PortAsync("chunk-logger", "http")).ToString(null, null), Option(call, "--port"));
        }
        Assert.Contains("--no-allow-unauthenticated", call);
    }

    [Fact]
    public async Task How_long_the_bucket_keeps_video_must_be_said_and_nothing_runs_before()
    {
        var result = await _gcloud.RunAsync([]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--retention ''", result.Error, StringComparison.Ordinal);
        Assert.Empty(_gcloud.Calls);
        // Steps that do not touch the bucket need not know.
        Assert.Equal(0, (await _gcloud.RunAsync(["apis"])).ExitCode);
    }

    [Fact]
    public async Task The_rules_of_a_bucket_that_is_there_are_asked_for_and_those_of_a_new_one_are_set()
    {
        Assert.Equal(0, (await _gcloud.DeployAsync(["bucket"])).ExitCode);
        Assert.Equal(0, (await _gcloud.DeployAsync(["bucket", "--loss-days", "400"])).ExitCode);
        Assert.Equal(0, (await _gcloud.DeployAsync(["bucket", "--yes"])).ExitCode);
        Assert.Equal(0, (await _gcloud.RunAsync(["bucket", "--retention", "unchanged"])).ExitCode);
        const string apply = "retention apply --bucket test-chunks --days 30 --loss-days";
        const string token = "token=a-token-of-these-tests";
        Assert.Equal([$"{apply} forever --yes {token}", $"{apply} 400 {token}", $"{apply} forever --yes {token}"], _gcloud.CrispyCalls);
        Assert.DoesNotContain(_gcloud.Lines, line => line.Contains("lifecycle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_shows_the_rules_and_a_refusal_of_theirs_ends_it()
    {
        var dry = await _gcloud.DeployAsync(["--dry-run", "bucket"]);
        Assert.Contains("retention apply --bucket test-chunks --days 30 --loss-days forever", dry.Output, StringComparison.Ordinal);
        Assert.Contains("""  { "rule": [] }""", dry.Output, StringComparison.Ordinal);
        Assert.Equal(["retention rules --days 30 --loss-days forever token="], _gcloud.CrispyCalls);

        var refused = await _gcloud.DeployAsync(["bucket", "secrets"], "FAKE_CRISPY_EXIT=1");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("the bucket's rules were not set", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gcloud.Lines, line => line.StartsWith("secrets ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("deploy/gcp/deploy.sh")]
    [InlineData("deploy/compose/make-env.sh")]
    [InlineData("eng/healthcheck.sh")]
    public async Task Shellcheck_finds_nothing(string script)
    {
        if (!Repository.OnPath("shellcheck")) Assert.Skip("There is no shellcheck.");
        var result = await Command.TryAsync("shellcheck", [Repository.PathOf(script)]);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    [Fact]
    public async Task What_is_uploaded_to_be_built_holds_every_project_that_is_built_and_no_secret()
    {
        if (!Repository.OnPath("gcloud")) Assert.Skip("There is no gcloud.");
        using var folder = new TempFolder();
        // A copy of the rules in a folder with one file of each kind: the repository itself may hold a person's own files.
        foreach (var rules in new[] { ".gcloudignore", ".gitignore" }) File.Copy(Repository.PathOf(rules), folder[rules]);
        string[] wanted = ["Crispy.ChunkLogger/Function.cs", "Crispy.Contracts/ChunkId.cs", "standins/README.md", "eng/healthcheck.sh",
            "global.json", "Directory.Packages.props", "Crispy.StreamHandle/Dockerfile"];
        string[] unwanted = ["signing-key.pem", "deploy/compose/.env", ".env", ".azure/crispy/config.json", ".git/config",
            "artifacts/run/keys/account.json", "tests/A/A.cs", "Crispy.ChunkLogger/obj/a.json"];
        foreach (var file in wanted.Concat(unwanted))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            await File.WriteAllTextAsync(folder[file], "", TestContext.Current.CancellationToken);
        }

        var uploaded = await Command.RunAsync("env", $"CLOUDSDK_CONFIG={folder["config"]}", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true",
            "gcloud", "meta", "list-files-for-upload", folder.Path);

        var files = uploaded.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Empty(wanted.Except(files));
        Assert.Empty(unwanted.Intersect(files));
    }

    [Fact]
    public async Task Gclouds_own_parser_takes_every_command()
    {
        if (!Repository.OnPath("gcloud")) Assert.Skip("There is no gcloud.");
        using var folder = new TempFolder();
        var commands = new HashSet<string>();
        foreach (var way in Ways)
        {
            var dry = await _gcloud.DeployAsync(["--dry-run", "--kubernetes", "crispy/stream-handle", .. way, .. EveryStep]);
            foreach (var words in await WordsOfAsync(Commands(dry.Output))) commands.Add(string.Join(' ', words.Select(Quoted)));
        }
        Assert.InRange(commands.Count, 40, 100);
        await File.WriteAllTextAsync(folder["commands.json"],
            JsonSerializer.Serialize(commands.Select(command => new { command_string = command })), TestContext.Current.CancellationToken);

        // Parses only: it asks nobody, and finds no account in a configuration of its own.
        var result = await Command.TryAsync("env",
            [$"CLOUDSDK_CONFIG={folder["config"]}", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true", "CLOUDSDK_CORE_DISABLE_PROMPTS=1",
            "gcloud", "meta", "lint-gcloud-commands", $"--commands-file={folder["commands.json"]}"]);

        using var answers = JsonDocument.Parse(result.Output);
        Assert.Equal(commands.Count, answers.RootElement.GetArrayLength());
        Assert.All(answers.RootElement.EnumerateArray(), answer =>
            Assert.True(answer.GetProperty("success").GetBoolean(),
                $"{answer.GetProperty("command_string")}: {answer.GetProperty("error_message")}"));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Commands(string output) =>
        [.. output.Split('\n').Where(line => line.StartsWith("gcloud ", StringComparison.Ordinal))];

    private static string Option(string[] call, string name) =>
        Assert.Single(call, word => word.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];

    // The shell itself takes apart what it printed.
    private static async Task<List<string[]>> WordsOfAsync(string[] commands)
    {
        var script = string.Join('\n', commands.Select(command => $"set -- {command}; (IFS=$'\\x1f'; printf '%s\\n' \"$*\")"));
        var output = await Command.RunAsync("bash", "-c", script);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\u001f'))];
    }

    private static string Quoted(string word) =>
        word.All(character => char.IsAsciiLetterOrDigit(character) || "-_=./:@,".Contains(character, StringComparison.Ordinal))
        ? word
        : $"'{word}'";
}
