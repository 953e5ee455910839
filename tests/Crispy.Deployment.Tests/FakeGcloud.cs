using Crispy.Testing;

namespace Crispy.Deployment.Tests;

/// <summary>A gcloud that records how it is called and answers as Google Cloud would: what was created exists,
/// what exists cannot be created again.</summary>
internal sealed class FakeGcloud : IDisposable
{
    // One line a call, arguments divided by the unit separator; what exists lies in files named after it.
    // Standard input goes to a file a call.
    private const string Program = """
        #!/usr/bin/env bash
        state=${0%/*}/state
        mkdir -p "$state"
        (IFS=$'\x1f'; printf '%s\n' "$*" >>"$state/calls")
        key() { printf '%s' "$1" | tr -c 'a-zA-Z0-9' '_'; }
        call="$*"
        # There is no project but the one that a command names.
        case $call in
            *" --project=test-project"* | "projects describe test-project "* | "projects add-iam-policy-binding test-project "*) ;;
            *) echo "ERROR: (gcloud) The required property [project] is not currently set: $call" >&2; exit 1 ;;
        esac
        case $call in
            *" --data-file=-"*) n=$(ls "$state" | grep -c '^input-'); cat >"$state/input-$n-$4"; touch "$state/$(key "versions $4")" ;;
        esac
        made() { [ -e "$state/$(key "$1")" ]; }
        make() {
            if made "$1"; then
                echo "ERROR: (gcloud) Resource in projects [p] is the subject of a conflict: $1 already exists" >&2
                exit 1
            fi
            touch "$state/$(key "$1")"
        }
        case $call in
            "projects describe "*) echo 123456789 ;;
            "storage service-agent"*) echo service-123456789@gs-project-accounts.iam.gserviceaccount.com ;;
            "storage buckets create "*) make "bucket $4" ;;
            "storage buckets describe "*) made "bucket $4" || { echo "ERROR: not found: 404" >&2; exit 1; } ;;
            "storage buckets notifications create "*) touch "$state/notification" ;;
            "storage buckets notifications list "*)
                if [ -e "$state/notification" ]; then
                    echo '[{"Notification Configuration": {"topic": "//pubsub.googleapis.com/projects/test-project/topics/crispy-chunks"}}]'
                else echo '[]'; fi ;;
            "iam roles describe "*) made "iam roles $4" || { echo "ERROR: NOT_FOUND" >&2; exit 1; } ;;
            "iam roles create "*) make "iam roles $4" ;;
            "auth print-access-token "*) echo a-token-of-these-tests ;;
            "pubsub subscriptions describe "*) made "pubsub subscriptions $4" || { echo "ERROR: NOT_FOUND" >&2; exit 1; } ;;
            "pubsub topics create "* | "pubsub subscriptions create "*) make "pubsub $2 $4" ;;
            "iam service-accounts create "* | "secrets create "* | "artifacts repositories create "* | "eventarc triggers create "*)
                if [ "$1" = secrets ]; then make "secret $3"; else make "$1 $4"; fi ;;
            "secrets versions list "*) if made "versions $4"; then echo 1; fi ;;
            "secrets versions access "*) echo 'EARLIER PUBLIC KEY' ;;
            "run services describe "*) echo "https://$4-abc-ew.a.run.app" ;;
            *add-iam-policy-binding*)
                # A new account is not known at once: each grant to one fails the first time.
                if [ -n "${FAKE_SLOW_IAM:-}" ] && ! made "grant $call"; then
                    touch "$state/$(key "grant $call")"
                    echo "ERROR: Service account does not exist." >&2
                    exit 1
                fi ;;
        esac
        if [ -n "${FAKE_DENIED:-}" ] && [[ $call == $FAKE_DENIED* ]]; then echo "ERROR: PERMISSION_DENIED: no" >&2; exit 1; fi
        """;

    // A crispy that records how it is called, and that it got a token.
    private const string Crispy = """
        #!/usr/bin/env bash
        state=${0%/*}/state
        mkdir -p "$state"
        echo "$* token=${CLOUDSDK_AUTH_ACCESS_TOKEN:-}" >>"$state/crispy-calls"
        [ "$2" != rules ] || echo '{ "rule": [] }'
        exit "${FAKE_CRISPY_EXIT:-0}"
        """;

    private readonly TempFolder _folder = new();

    public FakeGcloud()
    {
        foreach (var (name, text) in ((string, string)[])[("gcloud", Program), ("crispy", Crispy)])
        {
            File.WriteAllText(_folder[name], text.ReplaceLineEndings("\n") + "\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder[name],
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Every call since the last <see cref="Forget"/>, as its arguments.</summary>
    public IReadOnlyList<string[]> Calls => File.Exists(_folder["state", "calls"])
        ? [.. File.ReadAllLines(_folder["state", "calls"]).Select(line => line.Split('\u001f'))]
        : [];

    public IEnumerable<string> Lines => Calls.Select(call => string.Join(' ', call));

    /// <summary>Calls of crispy.</summary>
    public IReadOnlyList<string> CrispyCalls => File.Exists(_folder["state", "crispy-calls"])
        ? File.ReadAllLines(_folder["state", "crispy-calls"]) : [];

    /// <summary>What was given to secrets on standard input, in its order: the secret's name and the text.</summary>
    public IReadOnlyList<(string Secret, string Text)> Secrets =>
        [.. Directory.GetFiles(_folder["state"], "input-*").Order(StringComparer.Ordinal)
        .Select(file => (string.Join('-', Path.GetFileName(file).Split('-').Skip(2)), File.ReadAllText(file)))];

    public void Forget() => File.Delete(_folder["state", "calls"]);

    /// <summary>Runs deploy.sh with this gcloud first on its PATH.</summary>
    public Task<CommandResult> DeployAsync(string[] arguments, params string[] environment) =>
        RunAsync(["--retention", "30", .. arguments], environment);

    /// <summary>The same, without saying how long the bucket keeps what.</summary>
    public Task<CommandResult> RunAsync(string[] arguments, params string[] environment) => Command.TryAsync("env",
        [$"PATH={_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", $"CRISPY_CLI={_folder["crispy"]}", "CRISPY_GRANT_WAIT=0",
            .. environment, "bash", Repository.PathOf("deploy", "gcp", "deploy.sh"),
            "--project", "test-project", "--bucket", "test-chunks", "--tag", "t1", .. arguments]);

    public void Dispose() => _folder.Dispose();
}
