#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: where neither /proc nor a PID namespace shows what a run left behind, verify says that it may still be there
. "$(dirname "$0")/lib.sh"
requires unshare mount setsid
unshare -m mount -t tmpfs none /proc 2>/dev/null || skip "/proc cannot be covered"
if "$REPRO" doctor | grep -q "this build of repro has no namespaces"; then skip "POSIX cannot see who left the group"; fi
if grep -q __asan_init "$REPRO"; then skip "the sanitizers need /proc"; fi
sums_suite
expect 0 "$REPRO" record --isolation none
echo "setsid sh -c 'echo \$\$ >$WORK/pid; exec sleep 300' >/dev/null 2>&1 &" >>train.sh
got=0
unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' - "$REPRO" verify --isolation none \
    >"$OUT" 2>"$ERR" </dev/null || got=$?
kill -KILL "$(cat "$WORK/pid")"
[ "$got" -eq 0 ] || fail "exit status $got, expected 0"
says "could not be ended and may still be there"
silent_about "; ended"
