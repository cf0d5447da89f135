#!/usr/bin/env bash
# Learns config/tiers.d/learned.weights from the tuning half of the shared test data; see README.md.
#
#     Benchmarks/Topics/train.sh [--data DIR] [--build DIR] [--out FILE]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# PREFD_TEST_DATA, or shared/data in a parent folder.
shared_data() {
    local folder=$root
    while [[ -z ${PREFD_TEST_DATA:-} && $folder != / && ! -d $folder/shared/data ]]; do folder=$(dirname "$folder"); done
    echo "${PREFD_TEST_DATA:-$folder/shared/data}"
}

data=$(shared_data) build=$here/.build out=$root/config/tiers.d/learned.weights
while (($#)); do
    case $1 in
        --data) data=$2; shift 2 ;;
        --build) build=$2; shift 2 ;;
        --out) out=$2; shift 2 ;;
        *) sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swift build --package-path "$here" --scratch-path "$build" -c release >&2
python3 -B "$here/prepare.py" "$data" "$scratch/labelled.tsv"
"$build/release/topics" train "$scratch/labelled.tsv" "$out"
