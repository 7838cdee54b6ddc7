#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: doctor says what can be isolated here, the numerical class, and leaves nothing behind outside a project.
. "$(dirname "$0")/lib.sh"
expect 0 "$REPRO" doctor
for word in isolation workspace network class libc pins; do says "$word"; done
[ -z "$(ls -A)" ] || fail "left behind: $(ls -A)"
sums_suite
expect 0 "$REPRO" doctor
