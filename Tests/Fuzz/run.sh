#!/usr/bin/env bash
# Builds the fuzzers and runs them, each for so many inputs. Ends with 0 only where the canary was
# found and every fuzzer came through.
#
#   Tests/Fuzz/run.sh [--runs N] [--seconds N] [--max-len BYTES] [--seed N] [NAME…]
#
# Without anything: a short run of all, from the seeds alone and the same every time, so that what
# fails comes back. With any option what earlier runs learned (.build/fuzz/corpus) is built upon.
# The long one: Tests/Fuzz/run.sh --runs 10000000 --max-len 64
# What a run finds lies in .build/fuzz/found, and is printed in base64.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=${PREFD_FUZZ_DIR:-$here/../../.build/fuzz}
runs=5000
seconds=0
longest=512
seed=1
keeps=no
names=()
[[ ${1:-} == --* ]] && keeps=yes
while [ $# -gt 0 ]; do
    case $1 in
        --runs) runs=$2 && shift 2 ;;
        --seconds) seconds=$2 && shift 2 ;;
        --max-len) longest=$2 && shift 2 ;;
        --seed) seed=$2 && shift 2 ;;
        -*) echo "run.sh does not know $1" >&2 && exit 2 ;;
        *) names+=("$1") && shift ;;
    esac
done

"$here/../../packaging/setup.sh" || exit 1
mkdir -p "$scratch/found" "$scratch/corpus"
scratch=$(cd "$scratch" && pwd)
build=(--package-path "$here" --scratch-path "$scratch" -c release)
if ! swift build "${build[@]}" >"$scratch/build.log" 2>&1; then
    cat "$scratch/build.log" >&2
    echo "The fuzzers do not build." >&2
    exit 1
fi
program=$scratch/release/Fuzz

# Swift's own crash reports look at memory that the sanitizer does not let them see.
export SWIFT_BACKTRACE=enable=no
# Sets in a different order would lead the search elsewhere each time.
export SWIFT_DETERMINISTIC_HASHING=1
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16:malloc_context_size=0
# So would addresses: libFuzzer files by them the comparisons that it has seen.
steady=(setarch -R)
"${steady[@]}" true 2>/dev/null || steady=()
failed=()

# run NAME [OPTION…]: one fuzzer, its output in $scratch/NAME.log.
run() {
    local name=$1
    shift
    FUZZER=$name "${steady[@]}" "$program" -seed="$seed" -artifact_prefix="$scratch/found/$name-" \
        -dict="$here/words.dict" -print_final_stats=1 -entropic=0 -timeout=120 -rss_limit_mb=1500 "$@" \
        >"$scratch/$name.log" 2>&1
}

# A fuzzer that sees no coverage would pass everything: so one has a bug that it must find.
if run canary -max_total_time=120 -max_len=64 || ! grep -q "the canary sings" "$scratch/canary.log"; then
    tail -n 20 "$scratch/canary.log" >&2
    echo "The planted bug was not found: these fuzzers are blind." >&2
    exit 1
fi
rm -f "$scratch"/found/canary-*
echo "canary: found after $(grep -c '^#' "$scratch/canary.log") steps"

if [ ${#names[@]} -eq 0 ]; then
    mapfile -t names < <("$program" | grep -v '^canary$')
fi
for name in "${names[@]}"; do
    corpus=$scratch/corpus/$name
    mkdir -p "$corpus"
    inputs=("$corpus" "$here/seeds/${name%%-*}")
    if [ "$keeps" = no ]; then
        # In the order of their names, not that of the folder.
        seeds=("$here/seeds/${name%%-*}"/*)
        inputs=(-shuffle=0 -seed_inputs="$(IFS=, && echo "${seeds[*]}")")
    fi
    began=$SECONDS
    if ! run "$name" -runs="$runs" -max_total_time="$seconds" -max_len="$longest" "${inputs[@]}"; then
        failed+=("$name: $(grep -E 'Fatal error|ERROR|Base64' "$scratch/$name.log" || tail -n 3 "$scratch/$name.log")")
    fi
    grep -q 'INFO: Loaded 1 modules' "$scratch/$name.log" || failed+=("$name (no coverage)")
    done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$name.log")
    echo "$name: ${done:-?} inputs in $((SECONDS - began)) s"
done

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
