#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at every level a daemon, a chain of forks without end and a program that ignores the timeout are ended, and nothing of them is left.
. "$(dirname "$0")/lib.sh"
requires setsid
# The processes of this test's trainings have the folder in their environment.
nobody_left() {
    for process in /proc/[0-9]*; do
        if grep -qzs "^HOST=$WORK\$" "$process/environ" 2>/dev/null; then
            fail "still there: $(tr '\0' ' ' <"$process/cmdline")"
        fi
    done
}
trial() {
    escape_suite <<'EOF'
for i in 1 2 3; do
    setsid bash -c 'trap "" TERM HUP INT; (exec sleep 300) & exec sleep 300' </dev/null >/dev/null 2>&1 &
done
EOF
    nothing_escapes
    says "processes behind"
    nobody_left

    new_project
    escape_suite <<'EOF'
run() { run & exit; } # whoever is seen is gone already
for i in 1 2 3 4 5 6 7 8; do (run); done
trap '' TERM
while :; do sleep 1; done
EOF
    began=$(date +%s)
    expect 1 run_repro record --isolation "$LEVEL" --timeout 1s
    says "did not end within"
    [ $(($(date +%s) - began)) -lt 30 ] || fail "took too long"
    nobody_left
    [ ! -e golden ] || fail "something was recorded"
}
each_level trial
