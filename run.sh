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
build() { (cd "$root" && dotnet build Crispy.AppHost/Crispy.AppHost.csproj -c Release -nologo -v minimal -clp:NoSummary >"$build_log" 2>&1); }
export -f build
export root build_log
echo "Building ..." >&2
if ! with_build_lock bash -c build; then
    cat "$build_log" >&2
    exit 1
fi
exec dotnet "$root/artifacts/bin/Crispy.AppHost/release/Crispy.AppHost.dll" "$@"
