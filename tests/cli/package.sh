#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the Debian package holds a repro that runs, names the libraries it needs, and carries the schemas.
set -euo pipefail
for tool in cpack dpkg-deb dpkg-shlibdeps file; do
    command -v "$tool" >/dev/null || { echo "needs $tool"; exit 77; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cpack -G DEB --config "$(dirname "$REPRO")/CPackConfig.cmake" -B "$scratch/cpack" >log 2>&1 || { cat log; exit 1; }
package=$(find "$scratch/cpack" -maxdepth 1 -name 'repro_*.deb')
dpkg-deb -x "$package" root

program=$(find root -type f -name repro -perm -u+x -path '*/bin/*')
[ "$("$program" --version)" = "$("$REPRO" --version)" ]
depends=$(dpkg-deb -f "$package" Depends)
[[ $depends == *libc6* ]]
# Loaded on demand, so that no link names it.
[[ $depends == *libcurl4* ]]
! readelf -d "$program" | grep -q 'libcurl'
! readelf -d "$program" | grep -q 'libgit2\.so' || [[ $depends == *libgit2* ]]
for schema in "$SOURCE_DIR"/harness/*/schemas/*.schema.json; do
    [ ! -f "$schema" ] || cmp "$schema" "$(find root -name "$(basename "$schema")")"
done
grep -q 'Apache License' "$(find root -name copyright)"
