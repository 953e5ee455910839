#!/usr/bin/env bash
# Runs a benchmark: `./bench.sh NAME [options]`. Without a name: all of them in a short form, then their report.
# Each prints its tables and writes artifacts/bench/NAME.json; `./bench.sh report` makes artifacts/bench/report.html of all results, and
# `./bench.sh report --docs` docs/performance.md too, with its plots.
# On a machine of 2 cores each takes under 5 minutes as it is here, soak 20.
#
#   throughput [--minutes 20] [--turns 5] [--window 3] [--workers 2] [--parallel 16]
#              a file through the whole pipeline, against ffmpeg and curl
#   live       [--streams 1,8,32,100] [--seconds 30] [--window 3] [--workers 2] [--mounts 10] [--beyond N]
#              [--startup 90] [--warm 10]   RTSP streams in real time
#   upload     [--delays 0,30,100] [--in-flight 1,16,64] [--size 1000000] [--turns 5] [--sizes 1,4,16,32]
#              [--breaks 0,64,16] [--mbit 400] [--answer 30]   upload-worker against curl; when resumable pays
#   function   [--chunks 600] [--starts 5] [--parallel 8] [--warm 100]                  chunk-logger, warm and cold
#   console    [--hours 24] [--window 3] [--turns 5]
#              the archive's answers about a day of one stream, as the console shows it
#   memory     [--streams 1,10,100] [--seconds 20] [--outage 10] [--workers 2] [--mounts 10]   each process, idle to an outage
#   micro      [--filter '*'] [--job short|medium|dry]                                             hot paths, by BenchmarkDotNet
#   outage     [--streams 10] [--hours 1] [--window 3] [--kills 8] [--seed N]
#              the bucket away, with kills: nothing lost, and how fast it drains
#   scale      [--cameras 10000] [--days 30] [--windows 1,3,10,30,60] [--measure [--save]]
#              what many cameras need, reckoned from measured figures
#   soak       [--minutes 20] [--streams 4] [--window 3] [--interval 10]                what grows over time
#   report     [--docs]                                                                 all results as one page
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/install.sh"

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

# Publishes the services as their images do.
publish_services() {
    local project
    for project in Crispy.StreamHandle Crispy.UploadWorker Crispy.ChunkLogger Crispy.Console; do
        with_build_lock dotnet publish "$root/$project" -c Release --use-current-runtime \
            -o "$root/artifacts/shipped/$project" -nologo -v quiet >"$root/artifacts/bench-build.log" \
            || { cat "$root/artifacts/bench-build.log" >&2; return 1; }
    done
}

# run NAME [options]
run() {
    with_build_lock dotnet build "$root/bench/Crispy.Bench" -c Release -nologo -v quiet >"$root/artifacts/bench-build.log" \
        || { cat "$root/artifacts/bench-build.log" >&2; return 1; }
    case $1 in throughput | live | function | console | memory) publish_services || return 1 ;; esac
    "$root/artifacts/bin/Crispy.Bench/release/Crispy.Bench" "$@"
}

# Everything once, in about 20 minutes.
run_all() {
    local failed=()
    while read -r name options; do
        echo "=== $name $options"
        # shellcheck disable=SC2086 # options are words
        run "$name" $options </dev/null || failed+=("$name")
    done <<'SHORT'
micro
throughput --minutes 5
upload --delays 0,30 --in-flight 1,16 --turns 2 --sizes 1,16 --breaks 0,16
function --chunks 300 --starts 3
console --hours 2
memory --streams 1,10 --seconds 10
live --streams 1,8,32 --seconds 20 --warm 5
outage --streams 4 --hours 0.25 --kills 2
soak --minutes 2
SHORT
    run report
    [ "${#failed[@]}" = 0 ] || { echo "failed: ${failed[*]}" >&2; return 1; }
}

case ${1:-} in -h | --help) usage ;; esac
[ $# = 0 ] || { [ -n "$1" ] && grep -q "^#   $1 " "${BASH_SOURCE[0]}"; } || usage
need_dotnet || { echo "no SDK" >&2; exit 1; }
need_servers
need curl curl
case ${1:-live} in live | memory) need_camera ;; esac
install_missing || exit 1
cd "$root" || exit 1
mkdir -p artifacts/bench
if [ $# = 0 ]; then run_all; else run "$@"; fi
