#!/usr/bin/env bash
# Makes what run.sh needs: the package, and once, in .build/boot, the root file system of the machines. Ends with 3 where
# what these take cannot be had here, and with 1 where the package does not build.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
packaging/setup.sh --tests --package --boot || exit 3
if [ "${PREFD_DEB_BUILD:-release}" = debug ]; then packaging/build-deb.sh --debug; else packaging/build-deb.sh; fi

# Debian's smallest, with systemd, what prefd's package depends on, and curl as an app.
packages=systemd,systemd-sysv,dbus,libnss-systemd,libsqlite3-0,procps,iproute2,curl
rootfs=.build/boot/rootfs
if [ "$(cat $rootfs.packages 2>/dev/null)" != "$packages" ]; then
    echo "Making the machines' root file system; this takes a minute"
    rm -rf $rootfs
    mkdir -p .build/boot
    mmdebstrap --quiet --variant=minbase --include="$packages" bookworm $rootfs || exit 3
    echo "$packages" >$rootfs.packages
fi
