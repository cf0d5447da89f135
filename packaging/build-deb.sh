#!/usr/bin/env bash
# Builds the Debian package: .build/package/prefd_VERSION_ARCHITECTURE.deb, whose path is the last line said.
# Installs what is missing for that. The programs are built for release in .build/deb, with Swift's standard
# library inside, so that they need nothing but Debian.
#
#   packaging/build-deb.sh
#   packaging/build-deb.sh --debug   for Tests/Boot alone: of the debug build that is there, with Swift's
#                                    libraries beside the programs; made in seconds
set -euo pipefail

case ${1:-} in
    "") configuration=release scratch=.build/deb ;;
    --debug) configuration=debug scratch=.build ;;
    *)
        echo "build-deb.sh takes --debug, or nothing" >&2
        exit 2
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
packaging/setup.sh --package

version=$(sed -n 's/.*current = "\(.*\)".*/\1/p' Sources/PrefControl/PrefdVersion.swift)
packaged=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Version)
if [ "$version" != "$packaged" ]; then
    echo "prefd is $version, but packaging/debian/changelog ends with $packaged: add an entry (dch)." >&2
    exit 1
fi

# Debian's tools want debian/ at the top of a source tree, and leave much behind: a tree of its own.
root=$PWD
work=$root/.build/package
stage=$work/prefd-$version
rm -rf "$stage" "$work"/prefd_*
mkdir -p "$stage"
cp --recursive --dereference config docs packaging README.md systemd "$stage"
cp --recursive packaging/debian "$stage"/debian

log=$work/build.log
echo "Building the package ($configuration); the first time takes some minutes"
# What there is to install was installed above; Swift is no Debian package.
if ! (cd "$stage" && SOURCE=$root SCRATCH=$root/$scratch CONFIGURATION=$configuration dpkg-buildpackage --build=binary --no-sign --no-check-builddeps) \
    >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    exit 1
fi

deb=$(echo "$work"/prefd_*.deb)
[ $configuration = debug ] || lintian --fail-on error,warning --allow-root "$work"/prefd_*.changes
echo "$deb"
