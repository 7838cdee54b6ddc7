#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the comparison fails when a trace misses a file, invents one, or miscounts a program.
. "$(dirname "$0")/lib.sh"
echo 1 >one
echo 2 >two
beside_strace 'cat one two >model; cat missing || true'
trace=$(echo .repro/runs/*/peer/trace.json)
for change in '/work\/one"/d' '/work\/missing"/d' '/work\/model"/s/"own"/"read"/' 's/\(bin\/cat", "starts": \)2/\13/' \
    's/"unresolved": 0/"unresolved": 1/'; do
    sed "$change" "$trace" >"$WORK/trace.json"
    ! cmp -s "$trace" "$WORK/trace.json" || fail "nothing to change: $change"
    expect 1 python3 "$PEERS/beside_strace.py" "$WORK/trace.json" "$WORK/strace.log" files
done
