#!/usr/bin/env bash
# Installs what is missing, builds, and runs all of Crispy on this machine. See ./run.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/install.sh"

need_dotnet
need_servers
install_missing

build_log="$root/artifacts/build.log"
mkdir -p "$root/artifacts"
project=Crispy.AppHost/Crispy.AppHost.csproj
# What is done is told, a line a project: the first time it takes a minute or two.
build() {
    set -o pipefail
    cd "$root" || return
    [ -e artifacts/obj/Crispy.AppHost/project.assets.json ] || echo "Fetching packages, once ..." >&2
    dotnet restore "$project" -nologo -v minimal >"$build_log" 2>&1 || return
    echo "Building ..." >&2
    dotnet build "$project" -c Release --no-restore -nologo -v minimal -clp:NoSummary 2>&1 | tee -a "$build_log" | sed -un 's/^ *\(Crispy[.A-Za-z]*\) -> .*/  \1/p' >&2
}
export -f build
export root build_log project
if ! with_build_lock bash -c build; then
    cat "$build_log" >&2
    exit 1
fi
exec dotnet "$root/artifacts/bin/Crispy.AppHost/release/Crispy.AppHost.dll" "$@"
