#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: on a full disk record fails with exit status 3 and the old golden stays whole.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to mount a small tmpfs"
mkdir "$WORK/mnt"
mount -t tmpfs -o size=1m tmpfs "$WORK/mnt" 2>/dev/null || skip "cannot mount a tmpfs"
cd "$WORK/mnt"
sums_suite
expect 0 "$REPRO" record
cp -r golden "$WORK/before"
edit factor.json 's/1.5/2.5/'
dd if=/dev/zero of=fill bs=1k count=2000 2>/dev/null || :
expect 3 "$REPRO" record --reason "prices"
diff -r golden "$WORK/before" >/dev/null || fail "the golden is not as before"
rm fill
edit factor.json 's/2.5/1.5/'
expect 0 "$REPRO" verify
cd "$WORK"
umount "$WORK/mnt"
