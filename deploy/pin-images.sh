#!/usr/bin/env bash
# Writes the digest that each foreign image's tag has now behind the tag, in the Dockerfiles, the compose files and deploy/kubernetes:
#   deploy/pin-images.sh            asks the registries, by docker buildx, crane or skopeo
#   deploy/pin-images.sh --check    asks nobody; fails where an image has no digest
# A tag with a digest is asked for again, so that running it once more renews them. Images of our own (crispy/...) are left alone.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "${PIN_ROOT:-$root}"

fail() {
    echo "pin-images.sh: $1" >&2
    exit 2
}

check=''
case ${1:-} in
    '') ;;
    --check) check=1 ;;
    *) fail "'$1' is no option; there is --check" ;;
esac

mapfile -t files < <(find . -path ./artifacts -prune \
    -o \( -name Dockerfile -o -path './deploy/compose/*.yaml' -o -path './deploy/kubernetes/*.yaml' \) -type f -print | sort)
# Every reference with a registry's name and a tag, as all of ours are written: docker.io/library/redis:8.6, maybe with @sha256:...
pattern='(docker\.io|mcr\.microsoft\.com|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io)/[a-z0-9._/-]+:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?'
mapfile -t images < <(grep -ohE "$pattern" "${files[@]}" | sed 's/@.*//' | sort -u)
[ ${#images[@]} -gt 0 ] || fail 'no image found'

if [ -n "$check" ]; then
    if unpinned=$(grep -noE "$pattern" "${files[@]}" | grep -v '@sha256:'); then
        echo "$unpinned" >&2
        fail 'these have no digest; run deploy/pin-images.sh'
    fi
    echo "${#images[@]} images are pinned"
    exit 0
fi

digest() {
    if docker buildx version >/dev/null 2>&1; then docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"
    elif command -v crane >/dev/null; then crane digest "$1"
    elif command -v skopeo >/dev/null; then skopeo inspect --format '{{.Digest}}' "docker://$1"
    else fail 'none of docker buildx, crane and skopeo is here'
    fi
}

for image in "${images[@]}"; do
    found=$(digest "$image") || fail "$image: its registry does not tell a digest"
    [[ $found =~ ^sha256:[0-9a-f]{64}$ ]] || fail "$image: '$found' is no digest"
    sed -i -E "s#(^|[^a-z0-9./-])${image//./\\.}(@sha256:[0-9a-f]{64})?([^A-Za-z0-9._@-]|\$)#\1$image@$found\3#g" "${files[@]}"
    echo "$image@$found"
done
