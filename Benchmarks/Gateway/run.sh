#!/usr/bin/env bash
# Sets up what the gateway benchmark needs and runs it. See README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

PATH="$PATH:/usr/sbin"
missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
if ((${#missing[@]})); then
    if ((EUID != 0)); then
        echo "missing: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    # No service is to be started by the installation: the benchmark runs its own.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

export PYTHONDONTWRITEBYTECODE=1

# LiteLLM, in an environment of its own that later runs find again.
litellm=$here/../../.build/benchmark/litellm
wanted=$here/litellm.txt
if [[ " $* " != *" --targets"* || " $* " == *litellm* ]] &&
    ! cmp --quiet "$wanted" "$litellm/installed.txt" 2>/dev/null; then
    echo "Installing LiteLLM into .build/benchmark" >&2
    rm -rf "$litellm"
    # Ready-made packages of just these versions: nothing is built or chosen here.
    if python3 -m venv "$litellm" &&
        "$litellm/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
            --no-deps --requirement "$wanted" >&2; then
        cp "$wanted" "$litellm/installed.txt"
    else
        rm -rf "$litellm"
    fi
fi

# What the benchmark writes goes there too, so that nothing of it stays, however it ends.
scratch=$(mktemp -d -t prefd-bench.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
for name in stub load; do
    cc -std=gnu17 -O2 -Wall -Wextra -o "$scratch/$name" "$here/$name.c"
done

TMPDIR=$scratch python3 "$here/bench.py" --programs "$scratch" --litellm "$litellm/bin/litellm" "$@"
