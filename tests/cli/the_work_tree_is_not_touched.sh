#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: training works on a view of the project; the user's files stay as they are, and nothing but golden/ and .repro/ appears.
. "$(dirname "$0")/lib.sh"
sums_suite
echo precious >model.txt
edit train.sh 's/^set -eu/set -eu; rm -f numbers.bak; echo gone > README; rm -rf suites/'
seq 1 10 >numbers.bak
expect 0 "$REPRO" record sums
[ "$(cat model.txt)" = precious ] || fail "model.txt of the user was overwritten"
for file in numbers.bak suites/sums/suite.json; do [ -f "$file" ] || fail "files of the user were removed"; done
for file in README metrics.json; do [ ! -e "$file" ] || fail "training wrote into the project"; done
