#!/usr/bin/env bash
# Makes the learner's fitted data files anew from the shared test data: the reference distribution and
# the latent types. Neither holds any text.
#
#   Benchmarks/Learning/fit.sh [--shared FOLDER]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
[ "${1-}" = --shared ] && shared=$2

data=$here/../../Sources/PrefLearning/Data
prepare
build
"$program" reference "$prepared" >"$prepared/reference.json"
mv "$prepared/reference.json" "$data/reference.json"
# The types are over axes that the new reference standardizes.
build
"$program" types "$prepared" >"$prepared/types.json"
mv "$prepared/types.json" "$data/types.json"
