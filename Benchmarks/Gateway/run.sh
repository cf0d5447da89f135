#!/usr/bin/env bash
# Sets up what the gateway benchmark needs, runs it, and leaves nothing behind. See README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

missing=()
command -v nginx >/dev/null || PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null || missing+=(nginx-light)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v python3 >/dev/null || missing+=(python3)
if ((${#missing[@]})); then
    if ((EUID != 0)); then
        echo "missing: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    # No service is to be started by the installation: the benchmark runs an nginx of its own.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
for name in stub load; do
    cc -std=gnu17 -O2 -Wall -Wextra -o "$programs/$name" "$here/$name.c"
done

export PYTHONDONTWRITEBYTECODE=1
python3 "$here/bench.py" --programs "$programs" "$@"
