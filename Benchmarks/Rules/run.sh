#!/usr/bin/env bash
# Builds the rule engine and sets up Presidio, measures both, and then the topics; leaves nothing
# behind but the builds. See README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

swift build -c release --package-path "$here" --product rulebench >&2
program=$(swift build -c release --package-path "$here" --show-bin-path)/rulebench
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "presidio-analyzer==2.2.366" >&2

export PYTHONDONTWRITEBYTECODE=1
"$work/venv/bin/python" "$here/bench.py" --program "$program" "$@"
echo "## Topics and tiers"
"$here/../Topics/run.sh"
