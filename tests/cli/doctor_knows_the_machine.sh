#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: doctor says what can be isolated here, the numerical class, and leaves nothing behind outside a project.
. "$(dirname "$0")/lib.sh"
expect 0 "$REPRO" doctor
for word in isolation workspace network class libc pins; do says "$word"; done
[ -z "$(ls -A)" ] || fail "left behind: $(ls -A)"
sums_suite
expect 0 "$REPRO" doctor
says "class of sums"
says "any, no golden yet"

# Goldens of another machine are told, with what would help.
edit suites/sums/suite.json '/"class"/d'
expect 0 "$REPRO" record
expect 0 "$REPRO" doctor
says "which has a golden"
mv golden/sums/* golden/sums/"$(basename golden/sums/*)"+torch-2.0
expect 0 "$REPRO" doctor
says "which has no golden; the nearest is that of"
says "the same versions of packages are needed: torch not named here, 2.0 there"
echo '{' >suites/sums/suite.json
expect 0 "$REPRO" doctor
says "suites/sums/suite.json:"
