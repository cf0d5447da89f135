#!/usr/bin/env bash
# Tests the package on a real systemd: builds it, boots machines in containers, installs it there.
#
#   Tests/Boot/run.sh [pytest arguments]
#
# Takes root, and a kernel that lets systemd-nspawn make namespaces and control groups; where it cannot, the
# tests are skipped and say why, or fail where PREFD_BOOT=must. With PREFD_PREPARED=yes, prepare.sh is not run again.
# With PREFD_DEB_BUILD=debug, the package is made in seconds of the debug build that is there.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ "${PREFD_PREPARED:-no}" = yes ] || Tests/Boot/prepare.sh
PREFD_DEB=$(echo "$PWD"/.build/package/prefd_*.deb)
export PREFD_DEB
exec .venv/bin/python -B -m pytest --rootdir Tests/Boot --config-file Tests/Boot/pytest.ini Tests/Boot "$@"
