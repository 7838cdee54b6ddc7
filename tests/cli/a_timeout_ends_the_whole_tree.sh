#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a timeout ends training with all its children, daemons that called setsid and ignore SIGTERM too.
. "$(dirname "$0")/lib.sh"
requires setsid
sums_suite
expect 0 "$REPRO" record
cat >>train.sh <<EOF
setsid sh -c 'trap "" TERM; exec -a repro-test-daemon-$$ sleep 1000' </dev/null >/dev/null 2>&1 &
sleep 1000
EOF
start=$(date +%s)
expect 1 "$REPRO" verify --timeout 1s
says "did not end within"
[ $(($(date +%s) - start)) -lt 20 ] || fail "took too long"
if pgrep -f "repro-test-daemon-$$" >/dev/null; then fail "a daemon outlived the run"; fi
