#!/usr/bin/env bash
# Builds the store for release, fills stores of several sizes, measures each, and prints one table.
#
#     Benchmarks/Store/run.sh [--users LIST] [--signals N] [--folder DIR]
#
# --users     how many users, as a list with commas (default: 1000,10000,100000; try 1000000 with time)
# --signals   signals of each user (default: 10)
# --folder    where the stores are made (default: below .build, so on the checkout's disk); removed at the end
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../../.build/store-benchmark
users=1000,10000,100000 signals=10 folder=$build
while (($#)); do
    case $1 in
        --users) users=$2; shift 2 ;;
        --signals) signals=$2; shift 2 ;;
        --folder) folder=$2; shift 2 ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
done
swift build --package-path "$here" --scratch-path "$build" -c release >&2
mkdir -p "$folder"
stores=$(mktemp -d "$folder/stores.XXXXXX")
trap 'rm -rf "$stores"' EXIT
program=$build/release/StoreBenchmark
echo "# $(date -u '+%Y-%m-%d %H:%M UTC'), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $(stat -f -c %T "$stores"), $signals signals a user"
"$program" heading
for count in ${users//,/ }; do
    # A process each, so that what one needs of memory is its own.
    fill=$("$program" fill "$stores/$count" "$count" "$signals")
    "$program" measure "$stores/$count" "$count" "$signals" "$fill"
    rm -rf "${stores:?}/$count"
done
