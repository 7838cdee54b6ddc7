#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: where the shared store is full, record fails with exit status 3, and golden and store are as they were.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to mount a small tmpfs"
mkdir "$WORK/mnt"
mount -t tmpfs -o size=64k tmpfs "$WORK/mnt" 2>/dev/null || skip "cannot mount a tmpfs"
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "limits": {"bundle": 1},/'
printf '{"store": "%s"}\n' "$WORK/mnt" >repro.json
expect 0 "$REPRO" record
cp -r golden "$WORK/before"
edit factor.json 's/1.5/2.5/'
dd if=/dev/zero of="$WORK/mnt/fill" bs=1k count=200 2>/dev/null || :
ls -A "$WORK/mnt" >"$WORK/listed"
expect 3 "$REPRO" record --reason "prices"
says "the bundle cannot be kept in the store that repro.json names"
says "No space left on device"
diff -r golden "$WORK/before" >/dev/null || fail "the golden is not as before"
ls -A "$WORK/mnt" | diff - "$WORK/listed" >/dev/null || fail "the store is not as before"
rm "$WORK/mnt/fill"
expect 0 "$REPRO" record --reason "prices"
expect 0 "$REPRO" verify
cd "$WORK"
umount "$WORK/mnt"
