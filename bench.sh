#!/usr/bin/env bash
# Runs a measurement: `./bench.sh outage [--streams 10] [--hours 1] [--window 3] [--kills 8] [--seed N]`,
# `./bench.sh soak [--minutes 20] [--streams 4] [--window 3] [--interval 10]`. Results go to artifacts/bench/ as JSON.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/install.sh"
name=${1:-}
[ -n "$name" ] && [ -d "$root/bench/$name" ] || { echo "usage: ./bench.sh $(ls -d "$root"/bench/*/ | xargs -n 1 basename | paste -sd '|') [options]" >&2; exit 2; }
shift
need_dotnet || { echo "no SDK" >&2; exit 1; }
need_servers
install_missing || exit 1
cd "$root" || exit 1
project=$(ls "bench/$name"/*.csproj)
with_build_lock dotnet build "$project" -c Release -nologo -v quiet || exit 1
exec "artifacts/bin/$(basename "$project" .csproj)/release/$(basename "$project" .csproj)" "$@"
