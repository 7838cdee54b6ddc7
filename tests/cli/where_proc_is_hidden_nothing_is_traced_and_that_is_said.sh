#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: without /proc nothing hangs and no list is wrong: training runs untraced and the report says so, or nothing runs and
# the reason is given.
. "$(dirname "$0")/lib.sh"
traceable
requires unshare mount
if grep -q __asan_init "$REPRO"; then skip "the sanitizers need /proc"; fi
flags=-m
[ "$(id -u)" -eq 0 ] || flags=-rm
unshare $flags true 2>/dev/null || skip "no namespace of mounts can be had here"
hidden() {
    unshare $flags sh -ec 'mount -t tmpfs none /proc; exec "$@"' sh "$@"
}
sums_suite
for isolation in none auto; do
    rm -rf golden .repro
    status=0
    hidden "$REPRO" record --isolation "$isolation" >"$OUT" 2>"$ERR" || status=$?
    case $status in
    0)
        [ "$(find .repro/runs -name trace.json)" = "" ] || fail "there is a trace"
        expect 0 hidden "$REPRO" verify --isolation "$isolation"
        says "not traced: "
        ;;
    3) says "/proc" ;;
    *) fail "exit status $status" ;;
    esac
    expect 3 hidden "$REPRO" record --isolation "$isolation" --trace files
    says "/proc"
done
