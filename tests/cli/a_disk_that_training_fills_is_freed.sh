#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at every level training that fills the disk ends with a reason, what it wrote is removed, and the golden is as before.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to mount a small tmpfs"
trial() {
    mkdir "$WORK/mnt"
    mount -t tmpfs -o size=4m tmpfs "$WORK/mnt" 2>/dev/null || skip "cannot mount a tmpfs"
    cd "$WORK/mnt"
    escape_suite <<<":"
    nothing_escapes
    cp -r golden "$WORK/before"
    used=$(df --output=used . | tail -1)
    mv attempts.sh "$WORK/attempts.sh"
    sed 's|^:.*|head -c 8M /dev/zero >big; head -c 8M /dev/zero >bigger \|\| exit 9|' "$WORK/attempts.sh" >attempts.sh
    expect 3 run_repro verify --isolation "$LEVEL" # what training said and did could not be kept
    says "No space left on device"
    diff -r golden "$WORK/before" || fail "the golden is not as before"
    [ "$(df --output=used . | tail -1)" -lt $((used + 300)) ] || fail "the disk is still full"
    cp "$WORK/attempts.sh" attempts.sh
    expect 0 run_repro verify --isolation "$LEVEL"
    cd "$WORK"
    umount "$WORK/mnt"
    rmdir "$WORK/mnt"
    rm -rf "${WORK:?}/before"
}
each_level trial
