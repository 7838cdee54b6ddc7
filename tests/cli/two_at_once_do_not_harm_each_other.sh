#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: two records and verifies at the same time in one project all end well.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
pids=
for i in 1 2 3 4; do
    "$REPRO" verify >"$WORK/v$i" 2>&1 </dev/null &
    pids="$pids $!"
    "$REPRO" record >"$WORK/r$i" 2>&1 </dev/null &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || { cat "$WORK"/v? "$WORK"/r?; fail "one of them failed"; }
done
expect 0 "$REPRO" verify
