#!/usr/bin/env bash
# How well and how fast topics and tiers are recognized; see README.md. Leaves nothing behind but its build.
#
#     Benchmarks/Topics/run.sh [--data DIR] [--tiers DIR] [--build DIR] [--misses]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# PREFD_TEST_DATA, or shared/data in a parent folder.
shared_data() {
    local folder=$root
    while [[ -z ${PREFD_TEST_DATA:-} && $folder != / && ! -d $folder/shared/data ]]; do folder=$(dirname "$folder"); done
    echo "${PREFD_TEST_DATA:-$folder/shared/data}"
}

data=$(shared_data) tiers=$root/config/tiers.d build=$here/.build options=()
while (($#)); do
    case $1 in
        --data) data=$2; shift 2 ;;
        --tiers) tiers=$2; shift 2 ;;
        --build) build=$2; shift 2 ;;
        --misses) options+=(--misses); shift ;;
        *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swift build --package-path "$here" --scratch-path "$build" -c release >&2
if [[ -d $data ]]; then
    python3 -B "$here/prepare.py" "$data" "$scratch/labelled.tsv"
else
    echo "The shared test data is not there ($data): only the sentences of Tests/TopicCases are run." >&2
    : > "$scratch/labelled.tsv"
fi
"$build/release/topics" evaluate "$tiers" "$scratch/labelled.tsv" "$root/Tests/TopicCases" ${options[@]+"${options[@]}"}
