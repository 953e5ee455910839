#!/usr/bin/env bash
# Makes the keys, passwords and the token of compose.yaml, and writes them with the bucket and its credentials to .env beside this script,
# for its owner alone. What is in .env already stays as it is: run it again to add what is missing. make-env.sh --help names the options.
set -euo pipefail
umask 077
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'USAGE'
make-env.sh --bucket BUCKET --credentials FILE --console-credentials FILE [--signing-key FILE] [--report-key FILE] [--output FILE]

  --bucket BUCKET             where the chunks go
  --credentials FILE          key of the service account crispy-upload-worker (JSON)
  --console-credentials FILE  key of the service account crispy-console (JSON)
  --signing-key FILE          P-256 private key in PEM that signs chunks; made if not given
  --report-key FILE           P-256 private key in PEM that signs the console's reports; made if not given
  --output FILE               instead of .env beside this script
USAGE
}

fail() {
    echo "make-env.sh: $1" >&2
    exit 2
}

bucket='' credentials='' console_credentials='' signing_key='' report_key='' output=$here/.env
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --bucket | --credentials | --console-credentials | --signing-key | --report-key | --output)
            [ $# -ge 2 ] || fail "$1 needs a value"
            case $1 in
                --bucket) bucket=$2 ;;
                --credentials) credentials=$2 ;;
                --console-credentials) console_credentials=$2 ;;
                --signing-key) signing_key=$2 ;;
                --report-key) report_key=$2 ;;
                --output) output=$2 ;;
            esac
            shift 2
            ;;
        *) fail "'$1' is no option; see --help" ;;
    esac
done

# ---- what is there, and what is added ---------------------------------------------------------------------------------

added=''
has() { [ -e "$output" ] && grep -q "^$1=" "$output"; }

# add NAME VALUE: keeps it for .env, in single quotes, in which docker compose changes nothing and takes several lines.
add() {
    case $2 in
        *\'*) fail "the value of $1 holds a single quote, which .env cannot" ;;
        '') fail "the value of $1 is empty" ;;
    esac
    added+="$1='$2'"$'\n'
}

# add_file NAME OPTION FILE
add_file() {
    if has "$1"; then return; fi
    [ -n "$3" ] || fail "$2 is needed: $output has no $1"
    [ -r "$3" ] || fail "$2 '$3' cannot be read"
    add "$1" "$(cat "$3")"
}

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }

# key OPTION FILE: the key of a file, or a new one.
key() {
    if [ -z "$2" ]; then new_key && return; fi
    [ -r "$2" ] || fail "$1 '$2' cannot be read"
    openssl pkey -in "$2" -noout -text 2>/dev/null | grep -q 'NIST CURVE: P-256' ||
        fail "$1 '$2' is no private key on the curve P-256 in PEM"
    cat "$2"
}

if ! has CRISPY_BUCKET; then
    [[ $bucket =~ ^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$ ]] || fail "--bucket '$bucket' is not a bucket's name"
    add CRISPY_BUCKET "$bucket"
fi
add_file CRISPY_CREDENTIALS --credentials "$credentials"
add_file CRISPY_CONSOLE_CREDENTIALS --console-credentials "$console_credentials"
has REDIS_PASSWORD || add REDIS_PASSWORD "$(openssl rand -hex 16)"
has RABBITMQ_PASSWORD || add RABBITMQ_PASSWORD "$(openssl rand -hex 16)"
has CRISPY_API_TOKEN || add CRISPY_API_TOKEN "$(openssl rand -hex 24)"
has CRISPY_HEALTH_TOKEN || add CRISPY_HEALTH_TOKEN "$(openssl rand -hex 24)"
if ! has CRISPY_REPORT_KEY; then
    pem=$(key --report-key "$report_key")
    add CRISPY_REPORT_KEY "$pem"
fi
if ! has CRISPY_SIGNING_KEY; then
    # Public keys without their private one would be a mistake that nobody sees before the first chunk.
    ! has CRISPY_SIGNING_PUBLIC_KEYS || fail "$output has CRISPY_SIGNING_PUBLIC_KEYS and no CRISPY_SIGNING_KEY"
    pem=$(key --signing-key "$signing_key")
    public=$(openssl pkey -pubout <<<"$pem")
    add CRISPY_SIGNING_KEY "$pem"
    add CRISPY_SIGNING_PUBLIC_KEYS "$public"
fi
has CRISPY_SIGNING_PUBLIC_KEYS || [[ $added == *CRISPY_SIGNING_PUBLIC_KEYS=* ]] ||
    fail "$output has CRISPY_SIGNING_KEY and no CRISPY_SIGNING_PUBLIC_KEYS"

# Written beside and renamed: nobody reads half a file, and a failure before this changes nothing.
{
    if [ -e "$output" ]; then
        cat "$output"
        [ -z "$(tail -c 1 "$output")" ] || echo
    fi
    printf '%s' "$added"
} >"$output.new"
chmod 600 "$output.new"
mv "$output.new" "$output"
if [ -z "$added" ]; then echo "$output has everything already"
else
    echo "$output: added$(grep -oE '^[A-Z_]+=' <<<"$added" | tr -d '=' | sed 's/^/ /' | tr -d '\n')"
fi
