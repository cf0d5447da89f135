#!/usr/bin/env bash
# Runs the tests under the thread sanitizer: the Swift targets' own, then real programs under load. Ends with 0
# only where a planted race was found and no other.
#
#   Tests/Sanitizer/run.sh [TARGET…]       PrefStoreTests, …; programs for the real ones. Without any: all
#
# The build is one of its own (.build/tsan), of some twenty minutes on two cores; the tests take as long. What
# is reported lies in .build/tsan/reports.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.." || exit 1
packaging/setup.sh --tests || exit 1
scratch=$PWD/.build/tsan
reports=$scratch/reports
rm -rf "$reports"
mkdir -p "$reports"

clang -shared -fPIC -O1 -Wall -Wextra -Werror -o "$scratch/locks.so" "$here/locks.c" -ldl || exit 1
build=(--sanitize=thread --scratch-path "$scratch")
if ! swift build --build-tests "${build[@]}" >"$scratch/build.log" 2>&1; then
    cat "$scratch/build.log" >&2
    echo "The tests do not build with the sanitizer." >&2
    exit 1
fi

# It places its shadow memory itself, and some kernels' random addresses are in its way.
steady=(setarch -R)
"${steady[@]}" true 2>/dev/null || steady=()
# Swift's own crash reports look at memory that the sanitizer does not let them see.
export SWIFT_BACKTRACE=enable=no

# watched NAME COMMAND…: runs it with its reports in $reports/NAME.*.
watched() {
    local name=$1
    shift
    LD_PRELOAD=$scratch/locks.so "${steady[@]}" \
        env TSAN_OPTIONS="log_path=$reports/$name history_size=4" "$@"
}

# found NAME: how many races were reported in NAME.
found() { cat "$reports/$1".* 2>/dev/null | grep -c '^WARNING: ThreadSanitizer'; }

# A sanitizer that sees nothing would pass everything, and one that does not see locks would pass nothing.
swiftc -swift-version 6 -sanitize=thread -o "$scratch/planted" "$here/planted.swift" || exit 1
watched planted "$scratch/planted" >/dev/null
watched guarded "$scratch/planted" guarded >/dev/null
if [ "$(found planted)" = 0 ] || [ "$(found guarded)" != 0 ]; then
    echo "The planted race was not found, or one where there is none: this sanitizer is blind." >&2
    exit 1
fi
echo "planted: found"
rm -f "$reports"/planted.*

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for folder in Tests/*Tests; do targets+=("${folder#Tests/}"); done
    targets+=(programs)
fi
ulimit -n "$(ulimit -H -n)"
failed=()
for target in "${targets[@]}"; do
    began=$SECONDS
    if [ "$target" = programs ]; then
        PREFD_BIN_DIR=$scratch/debug watched "$target" .venv/bin/python -B -m pytest -q \
            Tests/Integration/test_hostile_clients.py Tests/Integration/test_learning.py \
            Tests/Integration/test_backup.py >"$scratch/$target.log" 2>&1
    else
        watched "$target" swift test --skip-build "${build[@]}" --filter "^$target\." >"$scratch/$target.log" 2>&1
    fi || failed+=("$target")
    echo "$target: $(found "$target") races, $((SECONDS - began)) s; $(tail -n 1 "$scratch/$target.log")"
    [ "$(found "$target")" = 0 ] || failed+=("$target ($(found "$target") races)")
done

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
