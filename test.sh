#!/usr/bin/env bash
# Installs what is missing, builds everything with warnings as errors, and runs every test. Arguments go on to `dotnet test`.
# `./test.sh --fast` runs what needs no server, no browser and no camera, which is what one runs while working.
# `./test.sh --coverage`, alone or with --fast, says besides how much of each project's lines ran inside of the tests' own processes.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/install.sh"

fail() {
    echo "$1" >&2
    echo "0 passed, 1 failed"
    exit 1
}

fast='' coverage=''
while :; do
    case ${1:-} in
        --fast) fast=1 ;;
        --coverage) coverage=$root/artifacts/coverage ;;
        *) break ;;
    esac
    shift
done

need_dotnet || fail "no SDK"
if [ -n "$fast" ]; then
    export CRISPY_TESTS=fast
    # A project that has none of these tests ends with 8.
    set -- --filter-trait Needs=nothing --ignore-exit-code 8 "$@"
else
    need_servers
    need npm npm node
    need setpriv util-linux
    need chromium chromium
    need curl curl
    need openssl openssl
    need promtool prometheus
    need_camera
fi
install_missing || fail "not everything could be installed"

cd "$root" || exit 1
with_build_lock dotnet build Crispy.sln -nologo -v minimal || fail "the build failed"

if [ -n "$coverage" ]; then
    rm -rf "$coverage"
    set -- --coverlet --coverlet-output-format cobertura --coverlet-include '[Crispy.*]*' --results-directory "$coverage" "$@"
fi

results=$(mktemp)
trap 'rm -f "$results"' EXIT
# Tests start hundreds of processes that live for seconds: what these compile a second time, to run faster later, never pays. It is a
# quarter of all the work of a run.
export DOTNET_TC_CallCountingDelayMs=${DOTNET_TC_CallCountingDelayMs:-10000}

# Tests wait about a third of their time: one project more than there are cores.
dotnet test --solution Crispy.sln --no-build --max-parallel-test-modules $(($(nproc) + 1)) "$@" 2>&1 | tee "$results"
status=${PIPESTATUS[0]}

# What failed stands at the end once more: the end of a long log is what one reads first.
awk '/^failed /{left = 13} left > 0 && (/^failed / || /^ /) {print; left--; next} {left = 0}' "$results"

if [ -n "$coverage" ]; then
    dotnet tool restore >/dev/null && dotnet reportgenerator "-reports:$coverage/*.xml" "-targetdir:$coverage" \
        "-reporttypes:Html;TextSummary" "-assemblyfilters:+Crispy.*;-*.Tests;-Crispy.Testing" "-filefilters:-*.g.cs" -verbosity:Error ||
        echo "the coverage cannot be summed up" >&2
    grep -E '^(Crispy\.[A-Za-z]+ |  Line coverage:)' "$coverage/Summary.txt"
    echo "each line: $coverage/index.html"
fi

count() { sed -nE "s/^ +$1: ([0-9]+)$/\1/p" "$results" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
[ -n "$passed" ] || fail "no test ran"
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
