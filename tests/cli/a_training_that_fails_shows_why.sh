#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: exit code, signal and the last lines of stderr stand in the reason when training fails.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
cp train.sh base.sh
echo 'echo "no such column: price" >&2; exit 3' >>train.sh
expect 1 "$REPRO" verify
says "exited with status 3"
says "no such column: price"
cp base.sh train.sh
echo 'kill -SEGV $$' >>train.sh
expect 1 "$REPRO" verify
says "SIGSEGV"
expect 1 "$REPRO" record --reason "broken"
