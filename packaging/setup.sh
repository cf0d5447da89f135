#!/usr/bin/env bash
# Installs what prefd is built and run with, on Debian 12 with Swift on the PATH.
#
#   packaging/setup.sh            libraries, and Python's venv for the demo
#   packaging/setup.sh --tests    also what the tests use
#   packaging/setup.sh --package  also what the Debian package is built with
#   packaging/setup.sh --boot     also what machines to test it on are made and booted with
#
# Only what is missing is installed, so that running it again costs a second.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
    ca-certificates git pkg-config
    libsqlite3-dev libsystemd-dev
    # What Swift itself links with and compiles against.
    binutils libc6-dev libcurl4 libncurses6 libstdc++-12-dev libxml2 tzdata zlib1g-dev
    python3 python3-venv
)
requirements=(packaging/requirements.txt)
for argument in "$@"; do
    case $argument in
        --tests)
            # systemd brings systemd-socket-activate, systemd-analyze and journald to test with.
            packages+=(openssl systemd util-linux)
            # Servers that tests start for themselves.
            packages+=(postgresql-15)
            # A client of another kind; any node will do.
            command -v node >/dev/null || packages+=(nodejs)
            requirements+=(Tests/Integration/requirements.txt)
            ;;
        --package)
            packages+=(debhelper dpkg-dev lintian make man-db)
            ;;
        --boot)
            packages+=(mmdebstrap systemd-container util-linux)
            ;;
        *)
            echo "setup.sh takes --tests, --package and --boot" >&2
            exit 2
            ;;
    esac
done

if ! command -v swift >/dev/null; then
    echo "Swift is not on the PATH: install it from https://www.swift.org/install (6.2 or later)" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These Debian packages are missing: ${missing[*]}" >&2
            echo "Run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    log=$(mktemp)
    apt() {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1
    }
    # PostgreSQL's package would start a server of its own.
    if [[ " ${missing[*]} " == *" postgresql-15 "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        "${as_root[@]}" mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    if ! apt update || ! apt install --yes --no-install-recommends "${missing[@]}"; then
        cat "$log" >&2
        exit 1
    fi
    rm -f "$log"
fi

# Python packages, in a venv of the checkout's own. What is installed stands in its stamp.
stamp=.venv/requirements
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    python=/usr/bin/python3
    [ -x "$python" ] || python=python3
    "$python" -m venv .venv
fi
if [ ! -f $stamp ] || cat "${requirements[@]}" | grep --invert-match --line-regexp --fixed-strings --file=$stamp >/dev/null; then
    echo "Installing Python packages into .venv"
    options=()
    for file in "${requirements[@]}"; do options+=(--requirement "$file"); done
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "${options[@]}"
    cat "${requirements[@]}" >$stamp
fi
