#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an unknown command, option, stage or suite offers the nearest known one, with exit status 2.
. "$(dirname "$0")/lib.sh"
expect 2 "$REPRO" verfy
says "unknown command 'verfy'; did you mean 'verify'?"
expect 2 "$REPRO" verify --juint x.xml
says "did you mean '--junit'?"
expect 2 "$REPRO" verify --at nowhere
says "--at: expected one of worktree|head|golden, found 'nowhere'"
sums_suite
expect 2 "$REPRO" verify --only metrisc
says "did you mean 'metrics'?"
expect 2 "$REPRO" verify sumz
says "sums"
expect 2 "$REPRO" verify --timeout never
says "--timeout"
expect 2 "$REPRO" verify -j 0
says "--jobs"
