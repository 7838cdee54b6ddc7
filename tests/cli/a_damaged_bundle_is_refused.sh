#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a bundle whose contents do not match its digest is refused with exit status 2; so is a missing one.
. "$(dirname "$0")/lib.sh"
requires zstd tar
sums_suite
expect 0 "$REPRO" record
bundle=$(echo golden/sums/any/*.tar.zst)
cp "$bundle" ../whole
mkdir ../content
zstd -qdc "$bundle" | tar -xf - -C ../content
echo 666 >>../content/model.txt
tar -cf - -C ../content . | zstd -qc >"$bundle"
expect 2 "$REPRO" verify --junit junit.xml
says "bundle"
holds junit.xml "<error"
head -c 100 ../whole >"$bundle"
expect 2 "$REPRO" verify
rm "$bundle"
expect 2 "$REPRO" verify
says "bundle"
cp ../whole "$bundle"
expect 0 "$REPRO" verify
