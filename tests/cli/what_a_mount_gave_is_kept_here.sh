#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a bundle that came from a mount is kept in .repro/store, so that the next verify does without the mount; and a
# mount that may only be read is enough to verify.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to mount a tmpfs"
mkdir "$WORK/mnt"
mount -t tmpfs -o size=1m tmpfs "$WORK/mnt" 2>/dev/null || skip "cannot mount a tmpfs"
git_project
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "limits": {"bundle": 1},/'
mkdir "$WORK/mnt/repro"
printf '{"store": "%s"}\n' "$WORK/mnt/repro" >repro.json
expect 0 "$REPRO" record
commit
git clone -q . "$WORK/clone"
cd "$WORK/clone"
mount -o remount,ro "$WORK/mnt" || skip "cannot mount a tmpfs again"
expect 0 "$REPRO" verify
same .repro/store/*.tar.zst "$WORK/mnt/repro/"*.tar.zst
edit factor.json 's/1.5/2.5/'
expect 3 "$REPRO" record --reason "prices"
says "Read-only file system"
edit factor.json 's/2.5/1.5/'
umount "$WORK/mnt"
expect 0 "$REPRO" verify
silent_about "is not here"
