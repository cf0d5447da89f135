#!/usr/bin/env bash
# Runs every test: the Swift targets' own, then real programs with real clients, also on a disk that fails,
# then the package on a real systemd. Sets up what they need. The last line is the count; the exit status is 0
# only where nothing failed.
#
#   Tests/run.sh [pytest arguments, for the integration tests]
#
# Tests that boot machines take root and containers: where these cannot be had they are skipped, and fail with
# PREFD_BOOT=must; PREFD_BOOT=no leaves them out.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
packaging/setup.sh --tests || exit 1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0

# One build for everything; an import that no target declares is an error.
build=(--explicit-target-dependency-import-check error)
if ! swift build --build-tests "${build[@]}"; then
    echo "The build failed, so no test was run." >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi

# The package is built for release, beside the tests and with what they leave of the machine.
preparing=
if [ "${PREFD_BOOT:-yes}" = no ]; then
    echo "Left out, as PREFD_BOOT=no asks: the package, and prefd under a booted systemd"
else
    nice -n 19 Tests/Boot/prepare.sh >"$results/preparing.log" 2>&1 &
    preparing=$!
fi

# A process for each target: they open sockets, files and databases by the hundred, and a crash in one
# is not the others'.
ulimit -n "$(ulimit -H -n)"
# A private server, for what keeps its store on one.
on_server=()
if python3 Tests/Integration/postgres.py true; then
    on_server=(python3 Tests/Integration/postgres.py)
    expected=(integration integration-postgres faults)
else
    echo "Left out, for want of PostgreSQL: the store on a server"
    expected=(integration faults)
    [ -z "${CI:-}" ] || status=1
fi
for folder in Tests/*Tests; do
    target=${folder#Tests/}
    echo "== $target"
    "${on_server[@]}" swift test --skip-build --filter "^$target\." --xunit-output "$results/$target.xml" "${build[@]}" ||
        status=1
    expected+=("$target-swift-testing")
done

bin=$(swift build --show-bin-path "${build[@]}")
PREFD_BIN_DIR=${PREFD_BIN_DIR:-$bin} .venv/bin/python -B -m pytest Tests/Integration \
    --junit-xml "$results/integration.xml" "$@" || status=1
if [ ${#on_server[@]} -gt 0 ]; then
    PREFD_BIN_DIR=${PREFD_BIN_DIR:-$bin} "${on_server[@]}" .venv/bin/python -B -m pytest --store postgres \
        Tests/Integration/test_api.py Tests/Integration/test_learning.py Tests/Integration/test_identity.py \
        Tests/Integration/test_prefctl.py --junit-xml "$results/integration-postgres.xml" || status=1
fi
PREFD_BIN_DIR=${PREFD_BIN_DIR:-$bin} Tests/Faults/run.sh --junit-xml "$results/faults.xml" || status=1

if [ -n "$preparing" ]; then
    echo "== Boot"
    wait "$preparing"
    prepared=$?
    if [ $prepared = 0 ]; then
        PREFD_PREPARED=yes Tests/Boot/run.sh --junit-xml "$results/boot.xml" || status=1
        expected+=(boot)
    else
        cat "$results/preparing.log" >&2
        if [ $prepared != 3 ] || [ "${PREFD_BOOT:-}" = must ]; then
            status=1
            # Without a package there are no results, which counts as a failure below.
            expected+=(boot)
        else
            echo "Left out, for want of what it takes: prefd under a booted systemd"
        fi
    fi
fi

for file in "${expected[@]}"; do
    if [ ! -s "$results/$file.xml" ]; then
        echo "A test runner ended without its results ($file)." >&2
        printf '<testsuites><testsuite><testcase name="%s"><failure/></testcase></testsuite></testsuites>' \
            "$file" >"$results/$file.xml"
    fi
done
python3 Tests/count.py "$results"/*.xml || status=1
exit $status
