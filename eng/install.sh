# Sourced by run.sh, test.sh and bench.sh: installs the programs that are missing, or names what to install. Asks nothing.

# need PROGRAM DEBIAN_PACKAGE [BREW_PACKAGE]: remembers what is missing.
missing_debian=() missing_brew=()
need() {
    command -v "$1" >/dev/null 2>&1 && return
    missing_debian+=("$2")
    [ $# -lt 3 ] || missing_brew+=("$3")
}

# need_file FILE DEBIAN_PACKAGE...: the same, for what is no program.
need_file() {
    [ -e "$1" ] && return
    shift
    missing_debian+=("$@")
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

install_missing() {
    [ "${#missing_debian[@]}" -gt 0 ] || return 0
    echo "Installing: ${missing_debian[*]}" >&2
    if command -v apt-get >/dev/null 2>&1 && as_root true; then
        # What is installed for Crispy is started by Crispy: no service of the system's own.
        as_root apt-get update -qq >&2
        as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -y -qq --no-install-recommends "${missing_debian[@]}" >/dev/null
    elif command -v brew >/dev/null 2>&1 && [ "${#missing_brew[@]}" -gt 0 ]; then
        brew install "${missing_brew[@]}" >&2
    else
        echo "Please install these first, then start again (Debian's names): ${missing_debian[*]}" >&2
        return 1
    fi
}

need_dotnet() {
    if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
        echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2
        return 1
    fi
}

need_servers() {
    need ffmpeg ffmpeg ffmpeg
    need redis-server redis-server redis
    command -v rabbitmq-server >/dev/null 2>&1 || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] ||
        [ -x /opt/homebrew/sbin/rabbitmq-server ] || need rabbitmq-server rabbitmq-server rabbitmq
}

# What RTSP cameras of GStreamer need.
need_camera() {
    need_file /usr/lib/python3/dist-packages/gi python3-gi
    need_file "$(ls /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib 2>/dev/null | head -n 1)" gir1.2-gst-rtsp-server-1.0
    for set in good bad ugly; do
        dpkg -s "gstreamer1.0-plugins-$set" >/dev/null 2>&1 || missing_debian+=("gstreamer1.0-plugins-$set")
    done
}

# One build at a time in one checkout: two would write the same files.
with_build_lock() {
    mkdir -p "$root/artifacts"
    if ! command -v flock >/dev/null 2>&1; then
        "$@"
        return
    fi
    flock -o -n -E 75 "$root/artifacts/.build.lock" true || echo "Another build is under way in this clone; waiting for it ..." >&2
    flock -o "$root/artifacts/.build.lock" "$@"
}
