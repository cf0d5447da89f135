#!/usr/bin/env bash
# Sets everything up, starts prefd and shows what it is for; ends by itself and leaves nothing running.
#
#   packaging/demo.sh                           builds prefd first (release)
#   PREFD_BIN_DIR=.build/debug packaging/demo.sh    shows a build that is there
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/packaging/setup.sh"

if [ -z "${PREFD_BIN_DIR:-}" ]; then
    echo "Building prefd (release); the first time takes some minutes"
    for product in prefd prefctl; do
        swift build --package-path "$root" --configuration release --product "$product"
    done
    PREFD_BIN_DIR=$(swift build --package-path "$root" --configuration release --show-bin-path)
fi

exec "$root/.venv/bin/python" "$root/packaging/demo.py" "$PREFD_BIN_DIR"
