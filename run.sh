#!/usr/bin/env bash
# Installs what is missing, builds, and runs all of Crispy on this machine. See ./run.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/install.sh"
. "$root/eng/usage.sh"

# What cannot be right is refused before anything is installed, built or started; the help needs none of it.
check_usage "$@"
need_dotnet
need_servers
install_missing

build_log="$root/artifacts/build.log"
mkdir -p "$root/artifacts"
project=Crispy.AppHost/Crispy.AppHost.csproj
built="$root/artifacts/bin/.run-built"

# Whether no file or folder changed since the last build that went well, and what that build took from NuGet's folder is still there:
# finding that out by a build takes longer than the start.
up_to_date() {
    local dcp
    dcp=$(sed -n 's/.*"dcpclipath", "\(.*\)".*/\1/p' artifacts/obj/Crispy.AppHost/release/Crispy.AppHost.AssemblyInfo.cs 2>/dev/null)
    [ -e "$built" ] && [ -x "$dcp" ] && [ -e artifacts/bin/Crispy.AppHost/release/Crispy.AppHost.dll ] || return
    [ -z "$(find . \( -path ./artifacts -o -path ./.git -o -path ./tests -o -path ./bench -o -path ./docs \) -prune \
        -o -newer "$built" -print -quit)" ]
}

# What is done is told, a line a project: the first time it takes a minute or two.
build() {
    set -o pipefail
    cd "$root" || return
    up_to_date && return
    local begun="$root/artifacts/.run-begun"
    : >"$begun" || return
    [ -e artifacts/obj/Crispy.AppHost/project.assets.json ] || echo "Fetching packages, once ..." >&2
    dotnet restore "$project" -nologo -v minimal >"$build_log" 2>&1 || return
    echo "Building ..." >&2
    dotnet build "$project" -c Release --no-restore -nologo -v minimal -clp:NoSummary 2>&1 | tee -a "$build_log" |
        sed -un 's/^ *\(Crispy[.A-Za-z]*\) -> .*/  \1/p' >&2 || return
    # What changes while the build runs is newer than this.
    mkdir -p artifacts/bin && mv "$begun" "$built"
}
export -f build up_to_date
export root build_log project built
if ! with_build_lock bash -c build; then
    cat "$build_log" >&2
    exit 1
fi
exec dotnet "$root/artifacts/bin/Crispy.AppHost/release/Crispy.AppHost.dll" "$@"
