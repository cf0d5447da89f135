# What run.sh and fit.sh share; sourced by both.
# The shared test data lies beside a checkout, somewhere above it.
shared=$here
while [ "$shared" != / ] && [ ! -d "$shared/shared/data" ]; do shared=$(dirname "$shared"); done
shared=$shared/shared/data
prepared=$(mktemp -d)
trap 'rm -rf "$prepared"' EXIT

prepare() {
    if [ ! -d "$shared/lamp-writer-rankings" ]; then
        echo "The shared test data is not at $shared: give its folder with --shared" >&2
        exit 1
    fi
    PYTHONDONTWRITEBYTECODE=1 python3 "$here/prepare.py" "$shared" "$prepared"
}

build() {
    local options=(--package-path "$here" --scratch-path "$here/../../.build/learning" --configuration release)
    if ! swift build "${options[@]}" >"$prepared/build.log" 2>&1; then
        cat "$prepared/build.log" >&2
        exit 1
    fi
    program=$(swift build "${options[@]}" --show-bin-path)/LearningBenchmark
}
