#!/usr/bin/env bash
# Builds the learner for release and prints the table of docs/LEARNING.md.
#
#   Benchmarks/Learning/run.sh [--shared FOLDER] [--data FILE]... [--forward] [--variants]
#
# --shared    the shared test data (default: shared/data beside the checkout or above)
# --data      a data set of choices of your own, one a line: {"user", "task", "language", "prompt",
#             "chosen", "rejected"}, in time order within a user; may be repeated
# --forward   in data of your own hold out only the last fifth of each user's prompts
# --variants  instead, compare the models that were tried
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"

command=run
options=()
while [ $# -gt 0 ]; do
    case $1 in
        --shared) shared=$2; shift 2 ;;
        --data) options+=(--data "$(realpath "$2")"); shift 2 ;;
        --forward) options+=(--forward); shift ;;
        --variants) command=variants; shift ;;
        *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done

prepare
build
"$program" "$command" "$prepared" "${options[@]}"
