#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a stream that the caller closed never becomes one of repro's own files, and a limit on the size of files is an error with an exit status, not a crash
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record

got=0
"$REPRO" verify >&- 2>"$ERR" </dev/null || got=$?
[ "$got" -eq 3 ] || fail "exit status $got with stdout closed, expected 3"
holds "$ERR" "cannot write to standard output"

got=0
"$REPRO" verify --json "$WORK/result.json" <&- >&- 2>&- || got=$?
[ "$got" -eq 3 ] || fail "exit status $got with every stream closed, expected 3"
holds "$WORK/result.json" '"exit_status": 0'

got=0
said=$( (ulimit -f 0 && exec "$REPRO" verify) 2>&1 </dev/null) || got=$?
[ "$got" -eq 3 ] || fail "exit status $got where no file may grow, expected 3: $said"
case $said in
*"File too large"*) ;;
*) fail "expected to read 'File too large': $said" ;;
esac
