# Sourced by run.sh: its help, and what can be refused before anything is built. eng/run.help is the AppHost's own --help;
# a test holds the two together.

help_file="$root/eng/run.help"

# nearest WORD CANDIDATE...: the candidate that is most like a mistyped word, or nothing. As Crispy.Contracts/NearestWord.cs does it.
nearest() {
    printf '%s\n' "$@" | awk '
        function plain(text) { sub(/^-+/, "", text); return tolower(text) }
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, same, d) {
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++) for (j = 1; j <= length(b); j++) {
                same = substr(a, i, 1) != substr(b, j, 1)
                d[i, j] = least(least(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + same)
                if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
                    d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
            }
            return d[length(a), length(b)]
        }
        NR == 1 { word = plain($0); best = 99; begun = 0; next }
        {
            far = distance(word, plain($0)); if (far < best) { best = far; found = $0 }
            if (index(plain($0), word) == 1) { begun++; begins = $0 }
        }
        END {
            most = int(length(word) / 3); if (most < 1) most = 1
            if (length(word) < 2) exit
            if (best <= most) print found; else if (begun == 1) print begins
        }'
}

# Options by the help: "  --data <DIR>   Folder ...". With "value": only those that take one.
run_options() {
    if [ "${1:-}" = value ]; then sed -nE 's/^  (-[^ ,]+(, -[^ ,]+)*) <.*/\1/p' "$help_file" | tr -d ' ' | tr ',' '\n'
    else sed -nE 's/^  (-[^ ,]+(, -[^ ,]+)*)( .*|$)/\1/p' "$help_file" | tr -d ' ' | tr ',' '\n'
    fi
}

refuse() {
    echo "crispy: $1" >&2
    echo "crispy: ./run.sh --help lists all options" >&2
    exit 2
}

# check_usage ARGUMENT...: shows the help, or refuses what cannot be right. The AppHost checks all of it again, and values too.
check_usage() {
    local argument word options values known end=''
    for argument in "$@"; do
        case $argument in
            # What goes on to Aspire is Aspire's to check.
            --publisher | --publisher=* | --operation | --operation=*) return 0 ;;
        esac
    done
    # No mapfile: bash 3.2 of macOS has none, and options hold no blanks.
    # shellcheck disable=SC2207
    options=($(run_options)) values=($(run_options value))
    while [ $# -gt 0 ]; do
        argument=$1
        shift
        case $end$argument in
            --) end=/ && continue ;;
            -h | --help | '-?' | /h | '/?') cat "$help_file" && exit 0 ;;
            --version) continue ;;
        esac
        if [ -z "$end" ] && [[ $argument == -?* ]] && [ ! -e "$argument" ]; then
            word=${argument%%=*}
            known=''
            for option in "${options[@]}"; do [ "$option" = "$word" ] && known=1; done
            if [ -z "$known" ]; then
                known=$(nearest "$word" "${options[@]}")
                refuse "there is no option $word${known:+; did you mean $known?}"
            fi
            [ "$word" = "$argument" ] || continue
            for option in "${values[@]}"; do
                [ "$option" = "$word" ] || continue
                [ $# -gt 0 ] || refuse "$word needs a value"
                shift
            done
            continue
        fi
        check_source "$argument"
    done
}

# An address may hold a password: it is not repeated.
check_source() {
    local scheme host meant no_scheme
    case $1 in
        demo:* | rtsp://* | rtsps://* | http://* | https://* | file://*) return 0 ;;
    esac
    [ ! -f "$1" ] || return 0
    if [[ $1 =~ ^([A-Za-z][A-Za-z0-9+.-]*):// ]]; then
        scheme=${BASH_REMATCH[1]}
        # Capital letters are the AppHost's to read.
        case $(printf '%s' "$scheme" | tr '[:upper:]' '[:lower:]') in rtsp | rtsps | http | https | file) return 0 ;; esac
        meant=$(nearest "$scheme" rtsp rtsps http https file)
        meant="${meant:+; did you mean $meant://?}"
        refuse "SOURCE: its scheme is none of rtsp:, rtsps:, http:, https:, file:, demo:, and it is no path$meant"
    fi
    [[ $1 != [Dd][Ee][Mm][Oo]:* ]] || return 0
    [ ! -d "$1" ] || refuse "$1 is a folder, not a video file"
    host=${1%%/*}
    if looks_like_host "$host"; then
        no_scheme="it has no scheme: a camera's address begins with rtsp://, as in rtsp://USER:PASSWORD@HOST/PATH"
        refuse "SOURCE: $no_scheme (docs/cameras.md has the paths of common makers)"
    fi
    refuse "no such file: $1"
}

# 192.168.1.20, camera:554, user:password@camera, [fe80::1], camera.local, and no file's name.
looks_like_host() {
    local name='^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$' address='^[0-9]{1,3}(\.[0-9]{1,3}){3}$' port='^([^:]+):[0-9]{1,5}$'
    case $1 in
        '' | [./~\\]* | *[[:space:]]*) return 1 ;;
        ?*@?* | \[*\]*) return 0 ;;
    esac
    if [[ $1 =~ $port ]]; then [[ ${BASH_REMATCH[1]} =~ $name ]] && return 0 || return 1; fi
    [[ $1 =~ $address ]] && return 0
    [[ $1 =~ $name && $1 == *.* ]] || return 1
    case $(printf '%s' "${1##*.}" | tr '[:upper:]' '[:lower:]') in
        mp4 | m4v | mkv | mov | avi | ts | m2ts | mts | mpg | mpeg | webm | flv | wmv | asf | 3gp | \
            h264 | 264 | h265 | 265 | hevc | mjpeg | mjpg | m3u8 | mpd | ogv | mxf | y4m | txt | json) return 1 ;;
        [a-z][a-z]*) [[ ${1##*.} =~ ^[A-Za-z]+$ ]] && return 0 || return 1 ;;
    esac
    return 1
}
