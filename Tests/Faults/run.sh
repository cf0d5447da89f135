#!/usr/bin/env bash
# What happens to a store whose disk fails, whose power goes, whose files are damaged: real programs,
# figures at the end. Without options a sample in a minute or two, which is part of Tests/run.sh; with
# --long everything, in an hour or two.
#
#   Tests/Faults/run.sh [--long] [pytest arguments]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
if [ -z "${PREFD_BIN_DIR:-}" ]; then
    packaging/setup.sh --tests
    swift build
    PREFD_BIN_DIR=$(swift build --show-bin-path)
    export PREFD_BIN_DIR
fi
exec .venv/bin/python -B -m pytest Tests/Faults "$@"
